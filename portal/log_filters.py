"""Which log lines are left out: those of tasks that run every few seconds."""

import logging

from portal.schedule import BEAT_SCHEDULE

#: Tasks that beat queues more often than every two minutes.
FREQUENT = frozenset(
    entry["task"] for entry in BEAT_SCHEDULE.values() if isinstance(entry["schedule"], int) and entry["schedule"] < 120
)


class NoFrequentTasks(logging.Filter):
    """Drop "succeeded" lines of tasks that beat queues all the time; a failure is still logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        data = getattr(record, "data", None)
        name = data.get("name", "") if isinstance(data, dict) else ""
        return record.levelno > logging.INFO or name not in FREQUENT
