"""What may be declared about one filter of the list; :mod:`catalogue.listing.declared` has them all.

Page, map, facets, options, exports, API with its description, and suggestions read the declarations.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django import forms
from django.utils.formats import date_format
from pyroaring import BitMap

from catalogue.listing.messages import Message, nearest, shortened

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex
    from catalogue.index.entry import Entry

#: Gives the cleaned value of another parameter; empty if it is not given or wrong.
Values = Callable[[str], Any]
LARGEST_NUMBER = 10_000_000


class IntegerFilter(django_filters.Filter):
    """A whole number from 0 to ten million."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", LARGEST_NUMBER)
        super().__init__(*args, **kwargs)


class DayFilter(django_filters.Filter):
    """A day, written in one way only: addresses are shared between countries."""

    field_class = forms.DateField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        super().__init__(*args, **kwargs)


def in_sentence(label: str) -> str:
    """Return a label as it is written inside a sentence: "emerging industry", but "S3 priority"."""
    return label if label[:2].isupper() or label[1:2].isdigit() else label[:1].lower() + label[1:]


def plural(label: str) -> str:
    """Return the plural of a label, such as "Countries"."""
    return label[:-1] + "ies" if label.endswith("y") else f"{label}s"


def unknown_choice(given: str, what: str, choices: Sequence[tuple[str, str]]) -> Message:
    """Return the message about a value that is none of ``choices``; ``what`` says what it is not."""
    labels = dict(choices)
    text = f"“{shortened(given)}” is {what}."
    if near := nearest(given, labels):
        return Message(text, given=given, meant=near, label=labels[near])
    return Message(f"{text} Use one of: {', '.join(labels)}.")


@dataclass(frozen=True)
class ListFilter(ABC):
    """A parameter of the list.

    ``name`` is public: addresses and the API have it. ``description`` and ``example`` are for the API.
    """

    name: str
    label: str
    description: str
    example: Any = None

    is_multiple = False
    #: Whether it makes the list shorter; an order does not.
    narrows: ClassVar[bool] = True

    @abstractmethod
    def make(self) -> django_filters.Filter:
        """Return the filter that checks and applies the parameter."""

    def found(self, index: CatalogueIndex, value: Any) -> BitMap:
        """Return the clusters, of whatever status, that a cleaned value finds; all, unless a kind of filter says more."""
        return BitMap(index.entries)

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the type of a value as OpenAPI describes it."""

    def normalised(self, value: str) -> str:
        """Return a value of an address as it is compared."""
        return value

    def refusal(self, given: str) -> Message:
        """Return the message about a value that the filter refuses, as the address has it."""
        return Message(f"“{shortened(given)}” cannot be looked for.")

    def text(self, value: Any) -> str:
        """Return a cleaned value as people read it on its chip."""
        return f"“{value}”"


@dataclass(frozen=True)
class InputGroup:
    """Inputs that share a part of the page, which folds while they are empty."""

    name: str
    label: str


@dataclass(frozen=True)
class TypedFilter(ListFilter):
    """A value that is typed in and compared with a column of the cluster: at least (``gte``) or at most (``lte``).

    ``warning`` returns what is wrong with a right value beside the others; empty if nothing is. Such a value is no
    error for programs.
    """

    field: str = ""
    lookup: str = "gte"
    group: InputGroup | None = None
    input_label: str = ""
    warning: Callable[[Any, Values], str] | None = None

    #: Of the input on the page.
    attributes: ClassVar[tuple[tuple[str, str], ...]] = ()

    def found(self, index: CatalogueIndex, value: Any) -> BitMap:
        """Return the clusters on this side of the value; the unknown are none of them."""
        low, high = (value, None) if self.lookup == "gte" else (None, value)
        return index.compared(self.field, low, high)


@dataclass(frozen=True)
class NumberFilter(TypedFilter):
    """A whole number."""

    attributes: ClassVar = (("type", "number"), ("min", "0"), ("max", str(LARGEST_NUMBER)), ("inputmode", "numeric"))

    def make(self) -> django_filters.Filter:
        """Return the filter with its check."""
        return IntegerFilter(label=self.label)

    def schema(self) -> dict[str, Any]:
        """Return the number with its limits."""
        return {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER}

    def refusal(self, given: str) -> Message:
        """Name the numbers that are right."""
        return Message(f"“{shortened(given)}” is no whole number from 0 to {LARGEST_NUMBER:,}.")

    def text(self, value: int) -> str:
        """Return the number with separators of thousands."""
        return f"{value:,}"


@dataclass(frozen=True)
class YearFilter(NumberFilter):
    """A year."""

    attributes: ClassVar = (("type", "number"), ("min", "1800"), ("max", "2200"), ("inputmode", "numeric"))

    def text(self, value: int) -> str:
        """Return the year as it is."""
        return str(value)


@dataclass(frozen=True)
class DateFilter(TypedFilter):
    """A day."""

    attributes: ClassVar = (("type", "date"), ("min", "1000-01-01"), ("max", "9999-12-31"))

    def make(self) -> django_filters.Filter:
        """Return the filter with its check."""
        return DayFilter(label=self.label)

    def schema(self) -> dict[str, Any]:
        """Return a day."""
        return {"type": "string", "format": "date"}

    def refusal(self, given: str) -> Message:
        """Name the one way to write a day."""
        return Message(f"“{shortened(given)}” is no day. Give a day as YYYY-MM-DD, such as 2026-09-30.")

    def text(self, value: date) -> str:
        """Return the day with the name of its month."""
        return date_format(value, "j F Y")


@dataclass(frozen=True)
class Facet(ListFilter):
    """A filter whose values are listed with the number of their clusters.

    ``values`` returns those of one cluster; the index calls it whenever it reads the cluster.
    """

    values: Callable[[Entry], Iterable[str]] = lambda entry: ()
    order: int = 0  # on the page, in the counts of the API and among suggestions
    is_folded: bool = True

    def found(self, index: CatalogueIndex, value: Any) -> BitMap:
        """Return the clusters that have the value, or any of several."""
        return index.having(self.name, *(value if isinstance(value, (list, tuple)) else [value]))


@dataclass(frozen=True)
class ChoiceFacet(Facet):
    """A facet with a few fixed values, one at a time."""

    choices: tuple[tuple[str, str], ...] = ()
    empty_label: str = ""

    def make(self) -> django_filters.Filter:
        """Return the filter with its choices."""
        return django_filters.ChoiceFilter(label=self.label, choices=self.choices, empty_label=self.empty_label)

    def schema(self) -> dict[str, Any]:
        """Return the values."""
        return {"type": "string", "enum": [value for value, _label in self.choices]}

    def refusal(self, given: str) -> Message:
        """Name the values, or the one that was probably meant."""
        return unknown_choice(given, f"no value of “{self.label}”", self.choices)

    def normalised(self, value: str) -> str:
        """Return the value in lower case."""
        return value.lower()

    def text(self, value: Any) -> str:
        """Return the label of the value."""
        return dict(self.choices)[str(value)]


@dataclass(frozen=True)
class TableFacet(Facet):
    """A facet with values from a table.

    With ``is_of_clusters``, readers may see only values that one of their clusters has: another one would give away
    clusters that are not public.
    """

    is_of_clusters: bool = True
    is_multiple: bool = True
    hint: str = ""  # beside an unknown value that is like none
    page: Callable[[str], str] | None = None  # the page of a value, if it has one of its own
    is_upper: bool = False  # values are written in capitals

    def make(self) -> django_filters.Filter:
        """Return the filter; its choices come with each request."""
        if self.is_multiple:
            return django_filters.MultipleChoiceFilter(label=self.label)
        return django_filters.ChoiceFilter(label=self.label, empty_label=f"Any {in_sentence(self.label)}")

    def schema(self) -> dict[str, Any]:
        """Return a slug or code, or a list of them."""
        return {"type": "array", "items": {"type": "string"}} if self.is_multiple else {"type": "string"}

    def normalised(self, value: str) -> str:
        """Return the value as the table writes it."""
        return value.upper() if self.is_upper else value
