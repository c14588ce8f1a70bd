"""One search over everything that apps hold.

An app registers a :class:`SearchSource` for each kind of record that staff looks for; the page ``/admin/search/``
asks all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.db.models import Case, Model, Q, Value, When
from django.http import HttpRequest
from django.urls import reverse

from workplace.registry import Registry

MAX_HITS = 8  # of a kind on the page
MIN_LENGTH, MAX_LENGTH = 2, 200  # characters of a search text


@dataclass(frozen=True)
class Hit:
    """A record that was found, and a remark by which staff can distinguish it from others."""

    url: str
    title: str
    remark: str = ""


@dataclass(frozen=True)
class Found:
    """The best hits of a kind, how many there are of it, and the list of all of them if there is one."""

    hits: list[Hit]
    count: int
    list_url: str = ""


@dataclass(frozen=True)
class SearchSource:
    """A kind of record that staff looks for.

    ``find`` gets the request, a text of :func:`cleaned` and how many hits it may return, exact matches first; the
    number of its queries must not depend on the number of records. It is called only for those for whom
    ``is_allowed`` is true. ``finds_by`` completes "Clusters by …" on the empty page.
    """

    name: str
    label: str
    find: Callable[[HttpRequest, str, int], Found]
    is_allowed: Callable[[HttpRequest], bool]
    finds_by: str
    order: int = 100


search_sources: Registry[SearchSource] = Registry("sources of the search")


def cleaned(text: str) -> str:
    """Return what is searched for: without NUL, which PostgreSQL takes nowhere, and with single spaces."""
    return " ".join(text.replace("\x00", " ").split())


def problem_with(text: str) -> str:
    """Return what is wrong with a cleaned text; empty if it can be searched for."""
    if len(text) < MIN_LENGTH:
        return f"Type at least {MIN_LENGTH} characters."
    if len(text) > MAX_LENGTH:
        return f"That is too long to search for: at most {MAX_LENGTH} characters."
    return ""


def sources_for(request: HttpRequest) -> list[SearchSource]:
    """Return the kinds that the user may find, in order."""
    return [source for source in search_sources if source.is_allowed(request)]


def search(request: HttpRequest, text: str) -> list[tuple[SearchSource, Found]]:
    """Return what the user may see of everything that ``text`` finds; kinds without a hit are left out."""
    found = [(source, source.find(request, text, MAX_HITS)) for source in sources_for(request)]
    return [(source, result) for source, result in found if result.count]


def exactness(exact: Q) -> Case:
    """Return what to order by first: 0 for the rows that ``exact`` holds for, 1 for others."""
    return Case(When(exact, then=Value(0)), default=Value(1))


def list_source(
    name: str,
    label: str,
    model: str,
    *,
    exact: tuple[str, ...],
    finds_by: str,
    remark: Callable[[Any], str],
    order: int = 100,
) -> SearchSource:
    """Return a source that finds what the list of ``model`` in the workplace finds, for those who may see the list.

    A row that is equal to the text in one of the columns ``exact``, but for case, comes first.
    """

    def list_of() -> tuple[type[Model], admin.ModelAdmin]:
        found = apps.get_model(model)
        return found, admin.site.get_model_admin(found)

    def is_allowed(request: HttpRequest) -> bool:
        return bool(list_of()[1].has_view_permission(request))

    def find(request: HttpRequest, text: str, limit: int) -> Found:
        model_class, model_admin = list_of()
        every = model_admin.get_queryset(request)
        # Keys only: a search over relations finds rows several times.
        keys = model_admin.get_search_results(request, every.order_by(), text)[0].values("pk")
        rows = every.filter(pk__in=keys)
        is_exact = Q()
        for column in exact:
            is_exact |= Q((f"{column}__iexact", text))
        ordering = model_admin.get_ordering(request) or model_class._meta.ordering
        page = f"admin:{model_class._meta.app_label}_{model_class._meta.model_name}"
        return Found(
            [
                Hit(reverse(f"{page}_change", args=[row.pk]), str(row), remark(row))
                for row in rows.order_by(exactness(is_exact), *ordering)[:limit]  # type: ignore[misc]  # Django types search fields too widely
            ],
            rows.count(),
            f"{reverse(f'{page}_changelist')}?{urlencode({'q': text})}",
        )

    return SearchSource(name, label, find, is_allowed, finds_by, order)
