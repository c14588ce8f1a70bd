"""Settings of the tests: the real ones, with quick passwords and services only where they are named."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = tempfile.mkdtemp(prefix="cluster-portal-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
# `make test` chooses the database of each of its rounds; without a round, the one that was named.
_postgresql = "" if os.environ.get("TEST_ROUND") == "sqlite" else os.environ.get("TEST_DATABASE_URL", "")
for _name in (
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "TRUSTED_PROXIES",
    "LOG_FORMAT",
    "SITE_URL",
    "API_RATE",
    "HTTPS",
    "DEBUG",
):
    os.environ.pop(_name, None)
os.environ.update(
    ENV_FILE="",
    SECRET_KEY="a-key-for-tests-only-" + "x" * 40,
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    HTTPS="0",
    DATA_DIR=_folder,
    LOG_LEVEL="WARNING",
    DATABASE_URL=_postgresql or f"sqlite:///{Path(_folder) / 'portal.sqlite3'}",
    REDIS_URL=os.environ.get("TEST_REDIS_URL", ""),
)

from portal.settings import *  # noqa: E402, F403

# An app that adds one of everything to the others; active only in tests/test_extension_app.py.
INSTALLED_APPS = ["tests.extension_app.apps.ExtensionAppConfig", *INSTALLED_APPS]  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# Every xdist worker and every test starts with an empty cache of its own (throttles count in it).
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
RATES_STORAGE = "memory://"
# Tests look into what views made; those of stored answers switch it on.
ANSWER_MEMORY_MB = 0
