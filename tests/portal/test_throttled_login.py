"""The sign-in of the admin slows down guessing."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from portal.tasks import clear_expired

pytestmark = pytest.mark.django_db
RIGHT = {"username": "reviewer", "password": "a right password"}
WRONG = {"username": "reviewer", "password": "a wrong password"}


@pytest.fixture(autouse=True)
def _reviewer() -> None:
    get_user_model().objects.create_user(**RIGHT, is_staff=True)


def fail(client, times: int, **extra) -> list[int]:
    """Try to sign in with a wrong password that often; return the answers."""
    return [client.post(reverse("admin:login"), WRONG, **extra).status_code for _ in range(times)]


def test_right_password_signs_in_before_the_limit(client):
    answers = fail(client, settings.LOGIN_FAILURE_LIMIT - 1)

    response = client.post(reverse("admin:login"), RIGHT)

    assert answers == [200] * (settings.LOGIN_FAILURE_LIMIT - 1)
    assert response.status_code == 302
    assert "_auth_user_id" in client.session


def test_right_password_is_refused_after_the_limit(client):
    answers = fail(client, settings.LOGIN_FAILURE_LIMIT)

    response = client.post(reverse("admin:login"), RIGHT)

    assert answers == [200] * (settings.LOGIN_FAILURE_LIMIT - 1) + [429]
    assert response.status_code == 429
    assert "429.html" in [template.name for template in response.templates]
    assert "_auth_user_id" not in client.session


def test_other_pages_and_other_addresses_go_on(client, client_of_other_address):
    fail(client, settings.LOGIN_FAILURE_LIMIT)

    assert client.get("/health/live").status_code == 200
    assert client.get(reverse("admin:login")).status_code == 200
    assert client_of_other_address.post(reverse("admin:login"), RIGHT).status_code == 302


@pytest.fixture
def client_of_other_address(client):
    return type(client)(REMOTE_ADDR="203.0.113.7")


def test_address_in_a_header_is_not_believed_without_a_proxy(client):
    for number in range(settings.LOGIN_FAILURE_LIMIT):
        fail(client, 1, headers={"x-forwarded-for": f"203.0.113.{number}"})

    response = client.post(reverse("admin:login"), RIGHT, headers={"x-forwarded-for": "203.0.113.200"})

    assert response.status_code == 429


def test_sign_in_works_again_after_the_wait(client):
    fail(client, settings.LOGIN_FAILURE_LIMIT)
    past = timezone.now() - timedelta(minutes=settings.LOGIN_COOLOFF_MINUTES, seconds=1)
    AccessAttempt.objects.update(attempt_time=past)

    assert client.post(reverse("admin:login"), RIGHT).status_code == 302


def test_clear_expired_removes_only_what_no_longer_counts(client, client_of_other_address):
    fail(client, 1)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=settings.LOGIN_COOLOFF_MINUTES + 1))
    fail(client_of_other_address, 1)

    clear_expired()

    assert list(AccessAttempt.objects.values_list("ip_address", flat=True)) == ["203.0.113.7"]
