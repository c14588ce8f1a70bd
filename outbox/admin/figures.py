"""Mails that a person has to settle, on the first page of the workplace."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from outbox.services.figures import needs_a_person
from workplace.extensions import Figure, FigureSource


def figures(request: HttpRequest) -> list[Figure]:
    """Return the figures that are not zero, for those who may see mails."""
    if not request.user.has_perm("outbox.view_message"):
        return []
    mails, counts = reverse("admin:outbox_message_changelist"), needs_a_person()
    found = (
        Figure(counts["uncertain"], "mails with unknown outcome", f"{mails}?status=uncertain"),
        Figure(counts["failed"], "mails given up", f"{mails}?status=failed"),
    )
    return [figure for figure in found if figure.number]


FIGURES = FigureSource("outbox", figures, order=40)
