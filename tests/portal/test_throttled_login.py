"""The sign-in of the admin slows down guessing."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from portal.tasks import clear_expired
from tests.proxies import sent_from

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


STAFF = "203.0.113.7"
STRANGER = "198.51.100.9"


@pytest.fixture(params=[0, 1, 2])
def proxies(request, settings):
    settings.TRUSTED_PROXIES = request.param
    return request.param


def sign_in(client, values, address: str, proxies: int, written: str = "") -> int:
    """Send the form from ``address`` through that many proxies; return the status of the answer."""
    return client.post(reverse("admin:login"), values, **sent_from(address, proxies, written)).status_code


def test_strangers_lock_themselves_out_and_no_staff(client, proxies):
    answers = [sign_in(client, WRONG, STRANGER, proxies) for _ in range(settings.LOGIN_FAILURE_LIMIT + 5)]

    assert answers[-6:] == [429] * 6
    assert sign_in(client, RIGHT, STRANGER, proxies) == 429
    assert sign_in(client, WRONG, STAFF, proxies) == 200
    assert sign_in(client, RIGHT, STAFF, proxies) == 302


def test_an_invented_address_in_the_header_gives_no_more_tries_and_locks_nobody_out(client, proxies):
    for number in range(settings.LOGIN_FAILURE_LIMIT):
        written = STAFF if number % 2 else f"{STAFF}, 192.0.2.{number}"
        sign_in(client, WRONG, STRANGER, proxies, written)

    assert sign_in(client, RIGHT, STRANGER, proxies, "192.0.2.200") == 429
    assert sign_in(client, RIGHT, STAFF, proxies) == 302


def test_one_ipv6_network_has_as_many_tries_as_one_address(client, proxies):
    for number in range(settings.LOGIN_FAILURE_LIMIT):
        sign_in(client, WRONG, f"2001:db8:0:1:{number:x}::1", proxies)

    assert sign_in(client, RIGHT, "2001:db8:0:1:ffff::1", proxies) == 429
    assert sign_in(client, RIGHT, "2001:db8:0:2::1", proxies) == 302
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"2001:db8:0:1::"}


def test_ipv4_written_as_ipv6_is_the_same_address(client, proxies):
    for number in range(settings.LOGIN_FAILURE_LIMIT):
        sign_in(client, WRONG, f"::ffff:{STRANGER}" if number % 2 else STRANGER, proxies)

    assert sign_in(client, RIGHT, f"::ffff:{STRANGER}", proxies) == 429
    assert sign_in(client, RIGHT, f"::ffff:{STAFF}", proxies) == 302


@pytest.mark.parametrize(("stranger", "staff"), [(STRANGER, STAFF), ("[2001:db8:0:1::9]", "[2001:db8:0:2::9]")])
def test_another_port_gives_no_more_tries(client, settings, stranger, staff):
    settings.TRUSTED_PROXIES = 1
    for number in range(settings.LOGIN_FAILURE_LIMIT):
        sign_in(client, WRONG, f"{stranger}:{40000 + number}", 1)

    assert sign_in(client, RIGHT, f"{stranger}:50000", 1) == 429
    assert sign_in(client, RIGHT, f"{staff}:50000", 1) == 302


@pytest.mark.parametrize("proxies", [1, 2], indirect=True)
def test_visitors_whose_address_a_proxy_hides_share_their_tries(client, proxies):
    for number in range(settings.LOGIN_FAILURE_LIMIT):
        sign_in(client, WRONG, "unknown" if number % 2 else "_hidden", proxies, written=STAFF)

    assert sign_in(client, RIGHT, "unknown", proxies) == 429
    assert sign_in(client, RIGHT, STAFF, proxies) == 302


def test_connections_without_an_address_share_their_tries(client):
    for _ in range(settings.LOGIN_FAILURE_LIMIT):
        sign_in(client, WRONG, "", 0)

    assert sign_in(client, RIGHT, "", 0) == 429
    assert sign_in(client, RIGHT, STAFF, 0) == 302


def test_guessing_at_many_accounts_counts_as_guessing_at_one(client, proxies):
    for number in range(settings.LOGIN_FAILURE_LIMIT):
        sign_in(client, {**WRONG, "username": f"staff{number}"}, STRANGER, proxies)

    assert sign_in(client, RIGHT, STRANGER, proxies) == 429


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
