"""Who reviews."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User


def reviewers() -> list[User]:
    """Return the active users who may decide on submissions, by name: one query."""
    rows = get_user_model().objects.with_perm(
        "submissions.review_submission", backend="django.contrib.auth.backends.ModelBackend"
    )
    return sorted(rows.filter(is_staff=True).distinct(), key=lambda user: name_of(user).casefold())


def name_of(user: User) -> str:
    """Return how staff call ``user``."""
    return user.get_full_name() or user.get_username()
