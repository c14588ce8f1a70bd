"""Where an app puts something on a staff page that another app owns.

An app that knows clusters adds to their pages by a :class:`PageExtension`, to the first page of the workplace by
a :class:`FigureSource`, and to the history of any record by a :class:`VersionSource`. It registers them in its
``AppConfig.ready()``; the owner of the page never imports it. ``docs/architecture.md`` has an example of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.safestring import SafeString

from workplace.registry import Registry

#: The address and the label of a button.
Button = tuple[str, str]


@dataclass(frozen=True)
class Panel:
    """A part of the page of one record, after its first fieldset.

    ``render`` gets the request and the record; what it returns for somebody who may not see the panel is an
    empty text, and the panel is left out.
    """

    title: str
    render: Callable[[HttpRequest, Any], SafeString | str]
    description: str = ""


@dataclass(frozen=True)
class Column:
    """A column of the list, at its end. ``queryset`` adds what it shows to the rows: never a query a row."""

    name: str
    label: str
    value: Callable[[Any], object]
    queryset: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows
    ordering: str = ""


@dataclass(frozen=True)
class Action:
    """Something to do with the ticked rows; ``run`` is called as Django calls an action of the admin."""

    name: str
    label: str
    run: Callable[[Any, HttpRequest, QuerySet[Any]], Any]
    is_allowed: Callable[[HttpRequest], bool]


def no_buttons(request: HttpRequest, record: Any) -> list[Button]:
    """Return nothing: what an extension without buttons offers."""
    return []


def no_urls(site: AdminSite) -> list[URLPattern]:
    """Return nothing: what an extension without pages adds."""
    return []


@dataclass(frozen=True)
class PageExtension:
    """What one app adds to the staff pages of a model, named as ``"catalogue.Cluster"``.

    ``filters`` are classes for ``ModelAdmin.list_filter``; they come behind the owner's filter of the class
    ``filters_after``, or at the end. ``urls`` are patterns below the address of the list, wrapped by
    ``AdminSite.admin_view`` already.
    """

    name: str
    model: str
    order: int = 100
    buttons: Callable[[HttpRequest, Any], list[Button]] = no_buttons
    panels: tuple[Panel, ...] = ()
    actions: tuple[Action, ...] = ()
    filters: tuple[type, ...] = ()
    filters_after: str = ""
    columns: tuple[Column, ...] = ()
    urls: Callable[[AdminSite], list[URLPattern]] = no_urls


@dataclass(frozen=True)
class Figure:
    """A number that waits for staff, and the list behind it."""

    number: int
    label: str
    url: str
    is_priority: bool = False
    is_late: bool = False


@dataclass(frozen=True)
class FigureSource:
    """Figures of the first page; ``figures`` returns those that the user may see."""

    name: str
    figures: Callable[[HttpRequest], list[Figure]]
    order: int = 100


@dataclass(frozen=True)
class Task:
    """Something that waits for the user in person, until the day ``due`` if it has one."""

    title: str
    url: str
    remark: str = ""
    due: date | None = None


@dataclass(frozen=True)
class DaySource:
    """Entries of "My day" on the first page: ``tasks`` returns at most so many that are the user's own, next first."""

    name: str
    tasks: Callable[[HttpRequest, int], list[Task]]
    order: int = 100


@dataclass(frozen=True)
class VersionOrigin:
    """Where a version of a record comes from: a page, its name, a remark, and what was edited on the way.

    ``edited`` holds (label, proposed, written).
    """

    url: str
    name: str
    remark: str
    edited: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class VersionSource:
    """Says where versions of a history come from: ``origins`` maps keys of versions, as many as it knows."""

    name: str
    origins: Callable[[HttpRequest, Sequence[Any]], dict[int, VersionOrigin]]
    order: int = 100


page_extensions: Registry[PageExtension] = Registry("extensions of staff pages")
figure_sources: Registry[FigureSource] = Registry("sources of figures")
day_sources: Registry[DaySource] = Registry("sources of tasks")
version_sources: Registry[VersionSource] = Registry("sources of versions")


def extensions_of(model: type[Model]) -> list[PageExtension]:
    """Return what apps add to the staff pages of ``model``, in order."""
    return [entry for entry in page_extensions if entry.model == model._meta.label]


def figures_for(request: HttpRequest) -> list[Figure]:
    """Return all figures of the first page that the user may see."""
    return [figure for source in figure_sources for figure in source.figures(request)]


def day_of(request: HttpRequest, most: int = 8) -> list[Task]:
    """Return the user's next tasks from all apps, the earliest due first and those without a day last."""
    tasks = [task for source in day_sources for task in source.tasks(request, most)]
    return sorted(tasks, key=lambda task: (task.due is None, task.due or date.max))[:most]
