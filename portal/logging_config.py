"""What is logged, and how a line looks. Imported by the settings: no code of an app may be imported here."""

from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS


def logging_config(form: str, level: str, *, is_embedded: bool) -> dict[str, Any]:
    """Return Django's ``LOGGING`` for lines in ``form`` ("text" or "json") from ``level`` on.

    ``is_embedded`` says that web, worker, mailer and beat share one terminal.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "django_guid.log_filters.CorrelationId", "correlation_id_field": "request_id"},
            "no_frequent_tasks": {"()": "portal.log_filters.NoFrequentTasks"},
        },
        "formatters": {
            "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": "{levelname}{name}{message}{request_id}",
                "style": "{",
                # The address of a request holds what somebody searched for.
                "reserved_attrs": [*RESERVED_ATTRS, "request", "server_time"],
                "rename_fields": {"levelname": "level", "name": "logger"},
                "timestamp": "time",
            },
        },
        "handlers": {
            "console": {
                "class": "publicforms.log_masking.MaskingHandler",
                "formatter": form,
                "filters": ["request_id"],
            },
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # It would repeat at length what the access line says: an id that was no UUID was replaced.
            "django_guid": {"level": "ERROR"},
            "axes": {"level": "WARNING"},
            # In the embedded mode the person at the terminal wants to read the address, not the start of a worker.
            "celery": {"level": "WARNING" if is_embedded else level},
            "celery.app.trace": {"level": level, "filters": ["no_frequent_tasks"]},
            # Comings and goings of processes matter only when they go wrong.
            "celery.worker.strategy": {"level": "WARNING"},
            "gunicorn.error": {"level": "WARNING", "propagate": True},
            "gunicorn.access": {"level": level, "propagate": True},
        },
    }
