"""How gunicorn serves the portal; the numbers come from the settings."""

import logging
import os
import sys
from datetime import timedelta
from logging.config import dictConfig
from typing import Any
from urllib.parse import quote

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from gunicorn import util
from gunicorn.glogging import Logger

from portal.gunicorn_errors import write_error

try:
    _host = f"[{settings.BIND}]" if ":" in settings.BIND else settings.BIND
except ImproperlyConfigured as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


#: What a path may show as it is.
_PLAIN = "/:@!$&'()*+,;=~"


class PortalLogger(Logger):
    """Sends what gunicorn has to say through the logging of the settings, so that all lines look alike."""

    def setup(self, cfg: Any) -> None:
        """Take the handlers of the settings instead of gunicorn's own."""
        self.cfg = cfg
        self._access_log_enabled = True
        dictConfig(settings.LOGGING)
        self.error_log.propagate = self.access_log.propagate = True

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write one line per answer; static files and health probes only where they fail."""
        # Where a request broke early, `environ` is only a stub.
        path = environ.get("PATH_INFO") or getattr(req, "path", "")
        status = int(str(resp.status).split()[0])
        if status < 400 and path.startswith((f"/{settings.STATIC_URL.lstrip('/')}", "/health/")):
            return
        headers = {name.lower(): value for name, value in resp.headers}
        milliseconds = round(request_time.total_seconds() * 1000)
        # No line breaks and no spaces: whoever asks must not write lines of the log.
        path = quote(path.encode("latin-1", "replace"), safe=_PLAIN)
        self.access_log.info(
            "%s %s %s %s ms",
            environ.get("REQUEST_METHOD"), path, status, milliseconds,
            # The query string stays out: it can hold what somebody searched for.
            extra={
                "method": environ.get("REQUEST_METHOD"), "path": path, "status": status,
                "duration_ms": milliseconds, "bytes": getattr(resp, "sent", None),
                "request_id": headers.get("x-request-id"),
            },
        )  # fmt: skip


# gunicorn has no setting for it; its own answer is a bare page.
util.write_error = write_error

bind = f"{_host}:{settings.PORT}"
workers = settings.WEB_CONCURRENCY
threads = settings.WEB_THREADS
worker_class = "gthread"
# The largest that gunicorn takes: a filter may name many regions.
limit_request_line = 8190
# Loaded once before the workers are made: less memory, and a mistake shows at once.
preload_app = True
timeout = 60
graceful_timeout = 8
keepalive = 5
max_requests = 0 if settings.WEB_CONCURRENCY == 1 else 5000
max_requests_jitter = 500
# Who may set the scheme: Django decides by TRUSTED_PROXIES, gunicorn takes no header for it.
forwarded_allow_ips = ""
control_socket_disable = True
accesslog = "-"
logger_class = PortalLogger
logging.captureWarnings(True)
