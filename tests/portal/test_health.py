"""The two answers for operators."""

import os
import socket

import pytest
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from portal import health

pytestmark = pytest.mark.both_databases

OK = {
    "status": "ok",
    "checks": {"database": "ok", "broker": "ok", "migrations": "ok", "background work": "ok"},
}


@pytest.fixture
def free_port() -> int:
    """Return a port on which nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_live_asks_nothing(client):
    # No database mark: a query would raise.
    response = client.get(reverse("health-live"))

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.django_db
def test_ready_when_all_is_well(client):
    response = client.get("/health/ready")

    assert (response.status_code, response.json()) == (200, OK)
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.django_db
def test_ready_reports_a_waiting_migration(client):
    MigrationRecorder.Migration.objects.filter(app="sessions", name="0001_initial").delete()

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["status"] == "failing"
    assert response.json()["checks"] == {
        "database": "ok",
        "broker": "ok",
        "migrations": "1 migration waits; run: make migrate",
        "background work": "ok",
    }


def test_ready_reports_a_database_that_does_not_answer(run_python, free_port):
    code = """if True:
        import django; django.setup()
        from django.test import Client
        answer = Client(headers={"host": "portal.example"}).get("/health/ready")
        print(answer.status_code, answer.content.decode())
    """

    result = run_python(
        "-c",
        code,
        DJANGO_SETTINGS_MODULE="portal.settings",
        DATABASE_URL=f"postgres://someone:hush@127.0.0.1:{free_port}/portal",
    )

    assert result.stdout.startswith("503 "), result.stderr
    assert '"database": "does not answer (OperationalError)"' in result.stdout
    assert '"migrations": "cannot be read (OperationalError)"' in result.stdout
    assert '"background work": "cannot be read (OperationalError)"' in result.stdout
    assert "hush" not in result.stdout
    assert "someone" not in result.stdout


@pytest.mark.django_db
def test_ready_reports_a_redis_that_does_not_answer(client, settings, free_port):
    settings.REDIS_URL = f"redis://:hush@127.0.0.1:{free_port}/0"

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"] == {**OK["checks"], "broker": "Redis does not answer (ConnectionError)"}
    assert b"hush" not in response.content


@pytest.mark.django_db
def test_ready_reports_a_queue_folder_that_is_gone(client, settings, tmp_path):
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"]["broker"] == "the folder of the queue cannot be written (FileNotFoundError)"


@pytest.mark.services("redis")
def test_broker_check_passes_with_a_real_redis(settings, redis_url):
    settings.REDIS_URL = redis_url

    assert health.check_broker() == ""


@pytest.mark.services("postgresql")
@pytest.mark.django_db
def test_database_check_passes_with_a_real_postgresql():
    assert os.environ["TEST_DATABASE_URL"]
    assert connections["default"].vendor == "postgresql"
    assert health.check_database() == ""


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_answers_only_reading(client, path):
    assert client.post(path).status_code == 405
