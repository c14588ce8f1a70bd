"""List when each scheduled task ran last, and what is late."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.background import problems, scheduled_tasks


class Command(BaseCommand):
    """Show what the health check and the workplace judge by; for a look from the outside and for cron."""

    help = "Lists the last run of each scheduled task; fails, with what to do, where something is late."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each task. Raises CommandError when background work is late."""
        for task in scheduled_tasks():
            failed = f", failed {_clock(task.failed_at)} ({task.error})" if task.has_failed else ""
            late = f", LATE since {_clock(task.late_since)}" if task.late_since else ""
            self.stdout.write(f"{task.name}: last run {_clock(task.succeeded_at)}{failed}{late}")
        if found := problems():
            raise CommandError("\n".join(map(str, found)))


def _clock(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "never"
