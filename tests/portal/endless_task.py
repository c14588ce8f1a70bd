"""The portal's Celery application with a task that takes no notice of being interrupted, and one that only ends."""

import time
from contextlib import suppress

from celery.exceptions import SoftTimeLimitExceeded

from portal.celery import app


@app.task(soft_time_limit=1, time_limit=2)
def never_end() -> None:
    """Go on for ever."""
    while True:
        with suppress(SoftTimeLimitExceeded):
            time.sleep(600)


@app.task
def end() -> None:
    """Show that the worker works."""


__all__ = ["app"]
