"""Reviewers at the pages of the workplace."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from submissions.models import Submission
from tests.factories.consortium import UserFactory, staff_group


def client_of(user: User) -> Client:
    """Return a client that ``user`` has signed in with."""
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def person(name: str, group: str = "reviewer") -> User:
    """Return a member of staff in a group, called by a first name."""
    return UserFactory(username=name, first_name=name.capitalize(), groups=[staff_group(group)])


@pytest.fixture
def rita(db: None) -> User:
    """Return a reviewer."""
    return person("rita")


@pytest.fixture
def client(rita: User) -> Client:
    """Return the client of Rita, the reviewer."""
    return client_of(rita)


def address(submission: Submission) -> str:
    """Return the address of the review page."""
    return reverse("admin:submissions_submission_change", args=[submission.pk])


@pytest.fixture
def page(client: Client) -> Callable[..., dict[str, Any]]:
    """Return a function that opens a review page and returns its form as a browser would send it."""

    def open_(submission: Submission, by: Client | None = None, **changes: Any) -> dict[str, Any]:
        context = (by or client).get(address(submission)).context
        form = {"version": str(context["snapshot"].version), "live": context["snapshot"].live, "publish": "yes"}
        form |= {f"field-{name}": "accept" for name in context["inputs"].fields}
        return {**form, **changes}

    return open_
