"""The one page that asks before something is done to several records.

It lists those for which it is possible, those for which it is not with the reason, and those for which there is
nothing to do. Its button posts the keys of the first to ``action_url``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.contrib.admin import AdminSite
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

M = TypeVar("M", bound=Model)


class Line(NamedTuple):
    """A record on the page: its key, its page, its name, and a remark such as the reason why not."""

    pk: int
    url: str
    name: str
    remark: str = ""


class Back(NamedTuple):
    """Where the user came from. ``place`` and ``query`` travel with the form; ``url`` is made of them."""

    url: str
    place: str = ""
    query: str = ""


@dataclass
class Confirmation:
    """What the page says. ``consequence`` is what follows; a ``reason`` is asked for if ``asks_reason``."""

    title: str
    button: str
    consequence: str
    action_url: str
    back: Back
    possible: Sequence[Line]
    refused: Sequence[Line] = ()
    unchanged: Sequence[Line] = ()
    asks_reason: bool = False
    is_grave: bool = False
    reason: str = ""
    error: str = ""
    leave: str = "Back, change nothing"

    @property
    def ids(self) -> str:
        """The keys of what is possible, as the form posts them."""
        return ",".join(str(line.pk) for line in self.possible)

    def response(self, site: AdminSite, request: HttpRequest, model: type[Model]) -> HttpResponse:
        """Return the page, below the list of ``model``."""
        request.current_app = site.name
        context: dict[str, Any] = {**site.each_context(request), "title": self.title, "opts": model._meta, "ask": self}
        return TemplateResponse(request, "workplace/confirm.html", context)


def records_of(ids: str, rows: QuerySet[M], *, most: int) -> list[M]:
    """Return the rows whose integer keys are in ``ids``, separated by commas; those deleted since are left out.

    Raises ``Http404`` for anything else, for more than ``most`` keys, and if none is left.
    """
    keys = [key for key in ids.split(",") if key]
    if not keys or len(keys) > most or not all(key.isascii() and key.isdigit() for key in keys):
        raise Http404
    # Eighteen digits fit into the database's integers.
    found = list(rows.filter(pk__in={int(key[:18]) for key in keys}))
    if not found:
        raise Http404
    return found
