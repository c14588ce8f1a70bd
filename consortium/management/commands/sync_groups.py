"""Make the groups of staff as ``consortium/groups.py`` defines them."""

from typing import Any

from django.core.management.base import BaseCommand

from consortium.groups import GROUPS, sync_groups


class Command(BaseCommand):
    """Create the groups of staff and give each exactly its permissions; safe to run again."""

    help = "Creates the groups of staff and gives each exactly its permissions. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Synchronise and print what changed."""
        changes = sync_groups()
        for change in changes:
            self.stdout.write(f"{change.name}:{' created' if change.is_new else ''}")
            for label in change.granted:
                self.stdout.write(f"  + {label}")
            for label in change.removed:
                self.stdout.write(self.style.WARNING(f"  - {label} (stray, removed)"))
        if not changes:
            self.stdout.write(f"All {len(GROUPS)} groups are as defined.")
