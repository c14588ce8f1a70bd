"""Rows of the consortium and of sign-in."""

from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from factory.django import DjangoModelFactory

from consortium.groups import GROUPS, sync_groups
from consortium.models import Partner


class UserFactory(DjangoModelFactory):
    """A member of staff without any permission; ``groups`` takes groups to join, a known name gives its user."""

    class Meta:
        model = get_user_model()
        django_get_or_create = ("username",)
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@partner.example")
    is_staff = True

    @factory.post_generation
    def groups(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Join the groups given."""
        if create and extracted:
            self.groups.set(extracted)


class PartnerFactory(DjangoModelFactory):
    """A partner without users or countries; ``users`` takes its users."""

    class Meta:
        model = Partner
        skip_postgeneration_save = True

    short_name = factory.Sequence(lambda n: f"Partner {n}")

    @factory.post_generation
    def users(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Add the users given."""
        if create and extracted:
            self.users.set(extracted)


#: Everybody who may come to a page of staff, from the one who may nothing to the one who may all.
ROLES = (
    "anonymous", "member", "read-only", "evaluator", "engagement officer", "reviewer", "catalogue editor",
    "coordinator", "superuser",
)  # fmt: skip
# Roles by what they may at least do in the catalogue and its queue.
TOP = {"coordinator", "superuser"}
EDITORS = {"catalogue editor"} | TOP
REVIEWERS = {"reviewer"} | EDITORS
READERS = {"read-only", "evaluator", "engagement officer"} | REVIEWERS


def staff_group(name: str) -> Group:
    """Return one of the groups of staff with its permissions; the others are not made, which takes its time."""
    sync_groups(definition for definition in GROUPS if definition.name == name)
    return Group.objects.get(name=name)


def sign_in(role: str) -> Client:
    """Return a client of somebody in ``role``: one of ``ROLES``; a "member" of staff is in no group."""
    client = Client()
    if role == "superuser":
        client.force_login(UserFactory(username=role, is_superuser=True), "django.contrib.auth.backends.ModelBackend")
    elif role != "anonymous":
        groups = [] if role == "member" else [staff_group(role)]
        client.force_login(UserFactory(username=role, groups=groups), "django.contrib.auth.backends.ModelBackend")
    return client
