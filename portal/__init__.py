"""The project: settings, URLs, Celery application, home page and health checks."""

from portal.celery import app as celery_app

__all__ = ("celery_app",)
