"""Which log lines are left out: those of tasks that run every few seconds."""

import logging

KICKS = ("outbox.tasks.send_mail", "outbox.tasks.sweep_mail", "imports.tasks.resume_imports")


class NoKicks(logging.Filter):
    """Drop "succeeded" lines of tasks that beat queues all the time; a failure is still logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        data = getattr(record, "data", None)
        name = data.get("name", "") if isinstance(data, dict) else ""
        return record.levelno > logging.INFO or name not in KICKS
