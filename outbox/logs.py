"""What of the outbox is not worth a line in the log."""

import logging

KICKS = ("outbox.tasks.send_mail", "outbox.tasks.sweep_mail", "imports.tasks.resume_imports")


class NoKicks(logging.Filter):
    """Drop "succeeded" lines of tasks that beat queues all the time; a failure is still told."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is kept."""
        data = getattr(record, "data", None)
        name = data.get("name", "") if isinstance(data, dict) else ""
        return record.levelno > logging.INFO or name not in KICKS
