"""Users and groups in the admin: nobody gives themselves more than they have."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from consortium.groups import sync_groups
from tests.factories.consortium import PartnerFactory, UserFactory, sign_in, staff_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> Client:
    return sign_in("coordinator")


def _change(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


def _form(user: User, **changes: object) -> dict[str, object]:
    return {
        "username": user.username,
        "first_name": "",
        "last_name": "",
        "email": user.email,
        "is_active": "on",
        **changes,
    }


def test_coordinator_changes_a_partners_user(coordinator: Client) -> None:
    person = UserFactory()
    PartnerFactory(users=[person])
    group = staff_group("evaluator")

    response = coordinator.post(_change(person), _form(person, first_name="Ana", groups=[group.pk], is_staff="on"))

    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.first_name, list(person.groups.all())) == ("Ana", [group])


def test_coordinator_cannot_make_a_superuser_or_give_single_permissions(coordinator: Client) -> None:
    person = UserFactory()
    PartnerFactory(users=[person])
    permission = Permission.objects.get(codename="delete_user")

    coordinator.post(_change(person), _form(person, is_superuser="on", user_permissions=[permission.pk]))

    person.refresh_from_db()
    assert (person.is_superuser, list(person.user_permissions.all())) == (False, [])


def test_coordinator_cannot_give_a_group_that_is_not_of_staff(coordinator: Client) -> None:
    person = UserFactory()
    PartnerFactory(users=[person])
    mighty = Group.objects.create(name="operators")

    response = coordinator.post(_change(person), _form(person, groups=[mighty.pk]))

    assert response.status_code == 200  # the form comes back
    assert list(person.groups.all()) == []


@pytest.mark.parametrize("kind", ["outsider", "superuser", "other group", "single permission"])
def test_coordinator_cannot_change_or_reset_the_password_of(kind: str, coordinator: Client) -> None:
    person = UserFactory(is_superuser=kind == "superuser")
    if kind != "outsider":
        PartnerFactory(users=[person])
    if kind == "other group":
        person.groups.add(Group.objects.create(name="operators"))
    if kind == "single permission":
        person.user_permissions.add(Permission.objects.get(codename="delete_user"))
    before = User.objects.filter(pk=person.pk).values().get()

    change = coordinator.post(_change(person), _form(person, first_name="Eve"))
    password = coordinator.post(
        reverse("admin:auth_user_password_change", args=[person.pk]),
        {"password1": "a-new-long-password", "password2": "a-new-long-password"},
    )

    assert (change.status_code, password.status_code) == (403, 403)
    assert User.objects.filter(pk=person.pk).values().get() == before


def test_superuser_changes_everybody() -> None:
    person = UserFactory()

    response = sign_in("superuser").post(_change(person), _form(person, is_superuser="on"))

    assert response.status_code == 302
    person.refresh_from_db()
    assert person.is_superuser


def test_groups_of_staff_cannot_be_changed_even_by_a_superuser() -> None:
    client = sign_in("superuser")
    sync_groups()
    group = Group.objects.get(name="read-only")
    address = reverse("admin:auth_group_change", args=[group.pk])

    shown, posted = client.get(address), client.post(address, {"name": "read-write"})
    deleted = client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})

    assert (shown.status_code, posted.status_code, deleted.status_code) == (200, 403, 403)
    assert "<strong>clusters</strong>: view" in shown.content.decode()
    assert Group.objects.filter(pk=group.pk, name="read-only").exists()


def test_partners_show_their_people() -> None:
    PartnerFactory(short_name="AEI", users=[UserFactory(first_name="Ana", last_name="López")])

    page = sign_in("coordinator").get(reverse("admin:consortium_partner_changelist")).content.decode()

    assert "Ana López" in page


def test_failed_sign_ins_can_only_be_looked_at() -> None:
    client = sign_in("superuser")
    Client().post(reverse("admin:login"), {"username": "superuser", "password": "wrong"})
    address = reverse("admin:axes_accessattempt_changelist")

    page = client.get(address).content.decode()

    assert "127.0.0.1" in page
    assert 'name="action"' not in page
