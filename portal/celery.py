"""The Celery application of the portal.

Its settings live in ``portal/settings.py`` under names that start with ``CELERY_``.
"""

import os
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import celeryd_init
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

# The queue of the embedded mode: folder:// is kombu's filesystem:// with messages that appear whole.
TRANSPORT_ALIASES["folder"] = "portal.broker:Transport"

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def _allow_root_when_embedded(conf: Any, **kwargs: Any) -> None:
    """Spare people who try the portal as root a warning meant for servers; production keeps it."""
    if conf.broker_url.startswith("folder:"):
        warnings.filterwarnings("ignore", category=SecurityWarning)
