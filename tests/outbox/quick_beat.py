"""The portal's Celery application with a beat that does in seconds what it otherwise does in minutes."""

from portal.celery import app

app.conf.beat_schedule = {
    "send-mail": {"task": "outbox.tasks.send_mail", "schedule": 0.5, "options": {"expires": 5}},
    "sweep-mail": {"task": "outbox.tasks.sweep_mail", "schedule": 1, "options": {"expires": 5}},
}

__all__ = ["app"]
