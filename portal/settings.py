"""Settings of the portal, all from the environment.

Every variable is typed; all mistakes are reported at once when the process starts. The list with
explanations is in ``docs/configuration.md`` (a test holds the two together). A file named by
``ENV_FILE`` (``.env`` beside ``manage.py`` by default) is read first; variables that are
already set win over it.
"""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django_guid.integrations.celery import CeleryIntegration
from environs import Env, EnvValidationError
from kombu import Exchange, Queue
from marshmallow.validate import OneOf, Range, Regexp

from portal.api_description import API_DESCRIPTION
from portal.local_address import remembered
from portal.logging_config import logging_config
from portal.schedule import BEAT_SCHEDULE, TASK_LIMITS

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env(eager=False)
_env_file = os.environ.get("ENV_FILE", str(BASE_DIR / ".env"))
if _env_file and Path(_env_file).is_file():
    env.read_env(_env_file, recurse=False)

# --- What the environment says -----------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "only-for-development-never-in-production" if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
# Plain HTTP is only for a portal that this machine alone can reach.
HTTPS = env.bool("HTTPS", not DEBUG)
HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000, validate=Range(min=0))
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, validate=Range(min=0, max=5))
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
DATA_DIR = env.path("DATA_DIR", BASE_DIR / "var")
DATABASE_URL = env.dj_db_url("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'portal.sqlite3'}", conn_max_age=60)
REDIS_URL = env.str("REDIS_URL", "")
_sqlite = str(os.environ.get("DATABASE_URL") or "sqlite:").startswith("sqlite:")
# Where people reach the portal, for links in mails; without a slash at the end.
SITE_URL = env.str("SITE_URL", "").rstrip("/")
BIND = env.str("BIND", "127.0.0.1")
PORT = env.int("PORT", 8000, validate=Range(min=1, max=65535))
# One process writes to SQLite at a time anyway.
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", 1 if _sqlite else 2, validate=Range(min=1))
WEB_THREADS = env.int("WEB_THREADS", 4, validate=Range(min=1))
# Of public answers that are stored by each web process; none while templates may change under it.
ANSWER_MEMORY_MB = 0 if DEBUG else env.int("ANSWER_MEMORY_MB", 64, validate=Range(min=0))
WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", 1 if _sqlite else 2, validate=Range(min=1))
EMAIL = env.dj_email_url("EMAIL_URL", "file:")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "portal@portal.example")
MAIL_ALLOWED: list[str] = env.list("MAIL_ALLOWED", [])
MAIL_KEEP_DAYS = env.int("MAIL_KEEP_DAYS", 365, validate=Range(min=0, max=36500))
MAIL_PER_MINUTE = env.int("MAIL_PER_MINUTE", 600, validate=Range(min=0))
LOG_FORMAT = env.str("LOG_FORMAT", "text" if DEBUG else "json", validate=OneOf(["text", "json"]))
LOG_LEVEL = env.str("LOG_LEVEL", "INFO", validate=OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))
API_RATE = env.str(
    "API_RATE",
    "1000/min",
    validate=Regexp(r"[1-9][0-9]*/(sec|min|hour|day)$", error="Not a rate such as 1000/min."),
)
LOGIN_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", 5, validate=Range(min=1))
LOGIN_COOLOFF_MINUTES = env.int("LOGIN_COOLOFF_MINUTES", 15, validate=Range(min=1))
TIME_ZONE = env.str("TIME_ZONE", "Europe/Brussels", validate=OneOf(available_timezones(), error="Unknown time zone."))

_problems = []
try:
    env.seal()
except EnvValidationError as error:
    _wrong: Any = error.error_messages
    _problems += [f"  {name}: {'; '.join(problems)}" for name, problems in _wrong.items()]
if EMAIL and EMAIL.get("EMAIL_BACKEND", "").split(".")[-2:-1] not in (["smtp"], ["filebased"]):
    _problems.append("  EMAIL_URL: smtp://user:password@host:port, submission://… with STARTTLS, or file:")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://")):
    _problems.append("  REDIS_URL: redis://host:port/number, or rediss://… with TLS")
if DATABASE_URL and DATABASE_URL["ENGINE"] not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
    _problems.append(
        "  DATABASE_URL: sqlite:///path or postgres://user:password@host:port/name; others are not supported"
    )
if SITE_URL and not re.fullmatch(r"https?://[^/\s]+", SITE_URL):
    _problems.append("  SITE_URL: https:// and the host name only, such as https://portal.example")
if not SECRET_KEY:
    _problems.append("  SECRET_KEY: missing; a long random text (`make run` writes one into .env)")
if not ALLOWED_HOSTS:
    _problems.append("  ALLOWED_HOSTS: missing; the host names of this portal, separated by commas")
if _problems:
    raise ImproperlyConfigured(
        "The portal does not start before these settings are right (docs/configuration.md):\n" + "\n".join(_problems)
    )

SITE_URL_IS_GIVEN = bool(SITE_URL)
if not SITE_URL and HTTPS:
    SITE_URL = f"https://{ALLOWED_HOSTS[0].lstrip('.*')}"
elif not SITE_URL:
    # A shell beside `make run PORT=8123` writes the same links as the portal does.
    _beside = "" if os.environ.get("PORT") else remembered(Path(DATA_DIR))
    SITE_URL = _beside or f"http://127.0.0.1:{PORT}"

# --- Applications ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "scoring.apps.ScoringConfig",
    "engagement.apps.EngagementConfig",
    "imports.apps.ImportsConfig",
    "quality.apps.QualityConfig",
    "questions.apps.QuestionsConfig",
    "submissions.apps.SubmissionsConfig",
    "duplicates.apps.DuplicatesConfig",
    "catalogue.apps.CatalogueConfig",
    "outbox.apps.OutboxConfig",
    "consortium.apps.ConsortiumConfig",
    "publicforms.apps.PublicFormsConfig",
    "loading.apps.LoadingConfig",
    "workplace.apps.WorkplaceConfig",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_guid",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "simple_history",
    "template_partials",
]

MIDDLEWARE = [
    "django_guid.middleware.guid_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.refuse_large_requests",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "portal.middleware.refuse_null_characters",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "consortium.context.project",
                "outbox.context.development_outbox",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
# A web address without a scheme means https, as it will by default from Django 6.0 on.
FORMS_URLFIELD_ASSUME_HTTPS = True

# --- Database, cache, broker -------------------------------------------------------------------

DATABASES = {"default": DATABASE_URL}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    # WAL lets readers go on while the worker writes; IMMEDIATE takes the write lock at the start of a
    # transaction, where waiting is possible, instead of in its middle, where it is not.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"visibility_timeout": 3600}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CELERY_BROKER_URL = "folder://localhost"
    # One folder in both directions: what the web process puts in, the worker takes out.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker" / "queue"),
        "data_folder_out": str(DATA_DIR / "broker" / "queue"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
        "polling_interval": 0.5,
    }
    for _folder in ("queue", "control"):
        (DATA_DIR / "broker" / _folder).mkdir(parents=True, exist_ok=True)

# Where the limits of the public forms count.
RATES_STORAGE = REDIS_URL or "memory://"

CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A mail server may take minutes for one mail: what it keeps waiting is a process of its own (see Procfile). A worker
# that is started without --queues takes from both.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("celery", "mail")]
CELERY_TASK_ROUTES = {"outbox.tasks.send_mail": {"queue": "mail"}}
# After the first limit, in seconds, a task is interrupted, after the second its process is killed. Tasks end in
# seconds, these limits are for what goes wrong. All are below the visibility timeout of Redis, after which another
# worker would get the task as well. Longer ones are in portal/schedule.py.
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 300, 360
CELERY_WORKER_CONCURRENCY = WORKER_CONCURRENCY
# Remote control would fill the folder of the filesystem broker with messages that nobody reads.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE, CELERY_TASK_ANNOTATIONS = BEAT_SCHEDULE, TASK_LIMITS

# --- Mail --------------------------------------------------------------------------------------

EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = EMAIL["EMAIL_BACKEND"], EMAIL["EMAIL_HOST"], EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_USER"], EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL["EMAIL_USE_TLS"], EMAIL["EMAIL_USE_SSL"]
# Every mail goes through the outbox (docs/mail.md): to files, or by SMTP to those whom MAIL_ALLOWED names.
MAIL_TO_FILES = "filebased" in EMAIL_BACKEND
EMAIL_TIMEOUT = 30
EMAIL_FILE_PATH = str(DATA_DIR / "outbox")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Language, time, files ---------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = ["portal.formats"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Uploaded logos have no address of their own: a view gives out those of published clusters.
MEDIA_ROOT = DATA_DIR / "media"

# --- Sign-in -----------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
AXES_FAILURE_LIMIT = LOGIN_FAILURE_LIMIT
AXES_COOLOFF_TIME = timedelta(minutes=LOGIN_COOLOFF_MINUTES)
# By address, not by account: nobody can lock a colleague out by guessing at their name. Without this function axes
# counts the connection, which behind a proxy is the same one for everybody.
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_CLIENT_IP_CALLABLE = "publicforms.client_address.client_address"
AXES_RESET_ON_SUCCESS = True
# The page says how long to wait; another try meanwhile must not make that untrue.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# --- Security ----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "usb",
    )
}  # fmt: skip
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = HSTS_SECONDS if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"

# --- REST API ----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["catalogue.api.renderers.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "catalogue.api.pagination.PageNumberPagination",
    "EXCEPTION_HANDLER": "portal.exceptions.api_exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["portal.throttling.VisitorRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": API_RATE},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = API_DESCRIPTION

# --- Logging -----------------------------------------------------------------------------------

DJANGO_GUID = {
    "GUID_HEADER_NAME": "X-Request-ID",
    # A request id that comes in is taken over only if it is a UUID.
    "VALIDATE_GUID": True,
    "RETURN_HEADER": True,
    # The API says itself which headers other sites may read; this would overwrite its list.
    "EXPOSE_HEADER": False,
    # A task logs the id of the request that queued it; Celery logs as LOGGING says.
    "INTEGRATIONS": [CeleryIntegration(use_django_logging=True)],
}
LOGGING = logging_config(LOG_FORMAT, LOG_LEVEL, is_embedded=not REDIS_URL)

# --- Data --------------------------------------------------------------------------------------

FIXTURE_DATA_DIR = BASE_DIR / "fixtures"
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
