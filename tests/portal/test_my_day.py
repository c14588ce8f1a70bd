"""The user's own next tasks on the first page of the workplace."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from submissions.models import Submission
from tests.factories.consortium import sign_in
from tests.factories.submissions import pending

pytestmark = pytest.mark.django_db


def _assigned(name: str, days: int, to: User | None) -> Submission:
    row = pending(name=name)
    Submission.objects.filter(pk=row.pk).update(assigned_to=to, confirmed_at=timezone.now() - timedelta(days=days))
    return row


def test_my_day_shows_what_is_assigned_to_the_user_with_the_longest_waiting_first() -> None:
    client = sign_in("reviewer")
    me = User.objects.get(pk=client.session["_auth_user_id"])
    _assigned("Fresh", 1, me)
    old = _assigned("Old", 30, me)
    _assigned("Somebody else's", 40, None)

    response = client.get(reverse("admin:index"))

    assert [task.title for task in response.context["day"]] == ["Old", "Fresh"]
    page = response.content.decode()
    assert reverse("admin:submissions_submission_change", args=[old.pk]) in page
    assert "late since" in page
    assert "due " in page


def test_my_day_is_left_out_where_nothing_waits_for_the_user() -> None:
    _assigned("Somebody else's", 40, None)

    for role in ("reviewer", "read-only"):
        assert "My day" not in sign_in(role).get(reverse("admin:index")).content.decode()
