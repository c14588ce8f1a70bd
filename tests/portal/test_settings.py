"""Settings refuse to start on mistakes, and production mode is safe."""

import pytest
from django.test import Client
from django.urls import reverse

LOAD = ("-c", "import portal.settings")


def test_settings_load_with_only_the_needed_ones(run_python):
    result = run_python(*LOAD, DATABASE_URL=None)

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
@pytest.mark.parametrize("value", [None, ""])
def test_settings_refuse_without(run_python, name, value):
    result = run_python(*LOAD, **{name: value})

    other = {"SECRET_KEY": "ALLOWED_HOSTS", "ALLOWED_HOSTS": "SECRET_KEY"}[name]
    assert result.returncode == 1
    assert f"  {name}: missing" in result.stderr
    assert f"{other}: missing" not in result.stderr


def test_settings_name_all_mistakes_at_once(run_python):
    wrong = {
        "SECRET_KEY": None,
        "ALLOWED_HOSTS": None,
        "DEBUG": "perhaps",
        "HTTPS": "2",
        "HSTS_SECONDS": "-1",
        "TRUSTED_PROXIES": "9",
        "DATABASE_URL": "nonsense",
        "REDIS_URL": "nonsense",
        "EMAIL_URL": "nonsense",
        "LOG_FORMAT": "xml",
        "LOG_LEVEL": "LOUD",
        "API_RATE": "many",
        "LOGIN_FAILURE_LIMIT": "0",
        "LOGIN_COOLOFF_MINUTES": "x",
        "TIME_ZONE": "Mars/Base",
        "PORT": "70000",
        "WEB_CONCURRENCY": "0",
        "WEB_THREADS": "0",
        "WORKER_CONCURRENCY": "none",
    }

    result = run_python(*LOAD, **wrong)

    message = result.stderr.partition("ImproperlyConfigured: ")[2]
    named = {line.split(":")[0].strip() for line in message.splitlines()[1:]}
    assert named == set(wrong)


def test_settings_hide_passwords_in_messages(run_python):
    result = run_python(*LOAD, DATABASE_URL="nonsense://user:hush@host", EMAIL_URL="nonsense://user:hush@host")

    assert result.returncode == 1
    assert "hush" not in result.stderr


def test_production_mode_has_no_deployment_warnings(run_python):
    result = run_python("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert (result.returncode, result.stderr) == (0, "")
    assert "no issues (0 silenced)" in result.stdout


def test_production_mode_redirects_to_https_but_not_health(run_python):
    code = """if True:
        import django; django.setup()
        from django.test import Client
        for path in ("/admin/", "/health/live"):
            answer = Client(headers={"host": "portal.example"}).get(path)
            print(answer.status_code, answer.headers.get("Location"))
        answer = Client(headers={"host": "portal.example"}).get("/health/live", secure=True)
        print(answer.headers["Strict-Transport-Security"])
        from django.conf import settings
        print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY)
    """

    result = run_python("-c", code, DJANGO_SETTINGS_MODULE="portal.settings")

    assert result.stdout.splitlines() == [
        "301 https://portal.example/admin/",
        "200 None",
        "max-age=31536000; includeSubDomains; preload",
        "True True True",
    ], result.stderr


def test_security_headers_allow_nothing_from_elsewhere(client: Client, db):
    response = client.get(reverse("admin:login"))

    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";") if part.strip())
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "http" not in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert "camera=()" in response["Permissions-Policy"]
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_proxies_are_believed_only_when_named(run_python):
    code = "from portal import settings as s; print(hasattr(s, 'SECURE_PROXY_SSL_HEADER'), s.TRUSTED_PROXIES)"

    outputs = [run_python("-c", code, TRUSTED_PROXIES=count).stdout.strip() for count in ("0", "2")]

    assert outputs == ["False 0", "True 2"]


@pytest.mark.parametrize("url", ["mysql://user:hush@host/name", "oracle://user:hush@host/name"])
def test_database_that_is_not_supported_is_named(run_python, url):
    result = run_python(*LOAD, DATABASE_URL=url)

    assert result.returncode == 1
    assert "  DATABASE_URL: sqlite:///path or postgres://" in result.stderr
    assert "hush" not in result.stderr
