"""What may be declared about one field of a cluster's profile; :mod:`catalogue.profile.fields` has them all.

Every output sorts its parts by ``order``; what declares none comes last. Numbers leave gaps for later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from rest_framework import serializers

from catalogue.models import Cluster

if TYPE_CHECKING:
    from catalogue.api.representation import Links

LAST = 1000
#: What an answer of the API is made of: a named tuple of the columns that were fetched, the addresses, and today.
ApiValue = Callable[[Any, "Links", date], Any]


class Step(StrEnum):
    """The steps of the public form, in its order; ``OFFICE`` comes by spreadsheet, API or reviewer only."""

    WHO = "who"
    WHAT = "what"
    MEMBERS = "members"
    CONTACT = "contact"
    OFFICE = "office"


class Kind(StrEnum):
    """What a value is, and so how it is entered, stored as JSON, compared and shown."""

    TEXT = "text"  # one line
    LONG = "long"  # several lines, plain
    MARKDOWN = "markdown"
    URL = "url"
    EMAIL = "email"
    WHOLE = "whole"
    DECIMAL = "decimal"  # stored as text, so that nothing is rounded
    DATE = "date"  # stored as YYYY-MM-DD
    FLAG = "flag"
    CHOICE = "choice"
    COUNTRY = "country"  # ISO code
    REGION = "region"  # slug
    TERMS = "terms"  # sorted list of slugs of one vocabulary
    COUNTRIES = "countries"  # sorted list of ISO codes
    NETWORKS = "networks"  # sorted list of slugs
    LOGO = "logo"  # the name of the stored file; the file itself is stored beside the values


@dataclass(frozen=True)
class Fact:
    """A line of "At a glance" on the profile. ``html`` is escaped unless it is safe; empty hides the line.

    It may read only what ``ClusterQuerySet.for_profile()`` fetches.
    """

    html: Callable[[Cluster], str]
    label: str | Callable[[Cluster], str] = ""  # the field's own without
    order: int = LAST


@dataclass(frozen=True)
class ComparisonRow:
    """A row of the comparison. ``lines`` without any mean that the cluster says nothing; ``url`` links the text."""

    lines: Callable[[Cluster], tuple[str, ...]]
    label: str = ""  # the field's own without
    url: Callable[[Cluster], str] | None = None
    order: int = LAST


@dataclass(frozen=True)
class ApiKey:
    """A key of a cluster in the API: in lists and profiles, or in profiles only.

    ``serializer`` describes it, ``columns`` are fetched for it (without: the one of the field's name), ``value``
    makes the answer of them (without: the column as it is).
    """

    serializer: serializers.Field
    key: str = ""  # the field's own name without
    columns: tuple[str, ...] | None = None
    value: ApiValue | None = None
    in_rows: bool = False
    order: int = LAST


@dataclass(frozen=True)
class Column:
    """A column of exports. ``value`` gives text, a number, a boolean, a date, a list of texts or ``None``.

    A new column declares no order, or one after ``LAST`` if others came since: names and places of columns are a
    promise to those who read the files.
    """

    name: str
    meaning: str
    value: Callable[[Cluster], Any]
    order: int = LAST


@dataclass(frozen=True)
class Property:
    """A property of the schema.org ``Organization``; left out where its value is empty."""

    name: str
    value: Callable[[Cluster], Any]
    order: int = LAST


@dataclass(frozen=True)
class FormField:
    """How a field is proposed. ``help`` is the text that staff may replace; ``example`` follows it."""

    step: Step
    kind: Kind
    label: str = ""  # the field's own without
    help: str = ""
    example: str = ""
    is_required: bool = False  # on the public form and through the API
    nothing: str = ""  # the choice that means nothing
    order: int = LAST


@dataclass(frozen=True)
class ProfileField:
    """A field of a cluster's profile with all its outputs; those that are not declared do not have it.

    ``name`` is that of the model's column, or of a relation; it never changes, since submissions and spreadsheets
    store it. ``headings`` are other headings under which spreadsheets have it.
    """

    name: str
    label: str
    form: FormField | None = None
    headings: tuple[str, ...] = ()
    vocabulary: str = ""  # of terms
    fact: Fact | None = None
    comparison: ComparisonRow | None = None
    api: tuple[ApiKey, ...] = ()
    columns: tuple[Column, ...] = ()
    schema_org: Property | None = None

    @property
    def is_own_column(self) -> bool:
        """Whether the cluster's row holds it; the others are relations."""
        return self.name in {column.name for column in Cluster._meta.concrete_fields}


class _Ordered(Protocol):
    @property
    def order(self) -> int:
        """The place among the parts of one output."""
        ...


P = TypeVar("P", bound=_Ordered)


def in_order(pairs: Iterable[tuple[ProfileField, P | None]]) -> list[tuple[ProfileField, P]]:
    """Return fields with one of their parts, sorted by its order; those without the part are left out."""
    found = [(field, part) for field, part in pairs if part is not None]
    return sorted(found, key=lambda pair: pair[1].order)
