"""The queue as one reviewer sees it: filters with counts, the reviewer's own work first, and who comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Case, CharField, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from consortium.models import PartnerCountry
from submissions.managers import LATE_DAYS
from submissions.models import Submission
from submissions.review.ageing import SOON_LATE_DAYS
from submissions.review.reviewers import reviewers

PER_PAGE = 50
Status = Submission.Status

#: The sections in which a reviewer's page is ordered; a submission is in the first that fits.
SECTIONS = {
    "mine": "Waiting for me",
    "unassigned": "Unassigned in my countries",
    "late": f"Late: {LATE_DAYS} days or longer",
    "answered": "Answered after changes were requested",
    "others": "Others that wait for review",
    "elsewhere": "Not waiting for review",
}
_RANKS = {name: rank for rank, name in enumerate(SECTIONS, start=1)}
STATUSES = {
    "pending": "Waiting for review",
    "changes_requested": "Changes requested",
    "decided": "Decided",
    "withdrawn": "Withdrawn",
    "unconfirmed": "Address not confirmed",
    "all": "All",
}
AGES = {
    "late": f"{LATE_DAYS} days or longer",
    "soon": f"{SOON_LATE_DAYS} to {LATE_DAYS - 1} days",
    "new": f"Under {SOON_LATE_DAYS} days",
}
ASSIGNED = {"me": "Me", "nobody": "Nobody"}
#: Filters in the order of the page, with their labels.
FILTERS = {
    "section": "To do",
    "status": "Status",
    "kind": "Kind",
    "channel": "Came by",
    "country": "Country",
    "assigned": "Assigned to",
    "age": "In the queue for",
    "trust": "Sender",
}


@dataclass(frozen=True)
class Option:
    """One value of a filter, with the number of submissions that choosing it would show."""

    value: str
    label: str
    count: int
    is_chosen: bool
    query: str


@dataclass(frozen=True)
class Facet:
    """One filter with its values."""

    name: str
    label: str
    options: list[Option]

    @property
    def is_in_use(self) -> bool:
        """Whether a value is chosen."""
        return any(option.is_chosen for option in self.options)


class Queue:
    """The submissions that an address asks for, as ``user`` sees them."""

    def __init__(self, given: Mapping[str, str], user: User, *, now: datetime | None = None) -> None:
        """Read the filters from ``given`` (a query string); values that do not exist are passed over."""
        self.user = user
        self.now = now or timezone.now()
        self.may_review = user.has_perm("submissions.review_submission")
        wanted = {name: str(given.get(name, ""))[:200].strip() for name in (*FILTERS, "q", "cluster", "import")}
        self.chosen = {name: value for name, value in wanted.items() if value and self._is_known(name, value)}
        if self.chosen.get("status") == "pending":
            del self.chosen["status"]  # what an address without it means
        self._country_names: dict[str, str] = {}

    def _is_known(self, name: str, value: str) -> bool:
        known: dict[str, Any] = {
            "section": self.sections, "status": STATUSES, "kind": Submission.Kind.values,
            "channel": Submission.Channel.values, "trust": Submission.Trust.values, "age": AGES,
        }  # fmt: skip
        if name in known:
            return value in known[name]
        if name == "country":
            return len(value) == 2 and value.isascii() and value.isupper()
        if name in ("assigned", "cluster", "import"):
            return (name == "assigned" and value in ASSIGNED) or (
                value.isascii() and value.isdigit() and len(value) < 18
            )
        return True

    @cached_property
    def codes(self) -> list[str]:
        """Return the countries that the user's partners look after."""
        return list(PartnerCountry.objects.filter(partner__users=self.user).values_list("code", flat=True))

    @property
    def sections(self) -> dict[str, str]:
        """Return the sections of this user; who only reads has no own work."""
        if not self.may_review:
            return {name: label for name, label in SECTIONS.items() if name not in ("mine", "unassigned")}
        return SECTIONS if self.codes else {**SECTIONS, "unassigned": "Unassigned"}

    def query(self, **changes: str) -> str:
        """Return the filters as a query string, with ``changes``; an empty value takes a filter away."""
        values = {**self.chosen, **changes}
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def all_query(self) -> str:
        """Return the filters without the section."""
        return self.query(section="")

    @property
    def all_count(self) -> int:
        """Return how many there are in all sections."""
        return sum(self.counts["section"].values()) if "section" in self.counts else 0

    @property
    def has_filters(self) -> bool:
        """Whether anything narrows the list down."""
        return bool(self.chosen)

    @property
    def kept_by_search(self) -> list[tuple[str, str]]:
        """Return the filters that a search keeps."""
        return [(name, value) for name, value in self.chosen.items() if name != "q"]

    # --- rows ---

    def rows(self) -> QuerySet[Submission]:
        """Return the submissions of all filters: the user's own work first, then the oldest."""
        rows: QuerySet[Any] = self._ranked().filter(*self._conditions().values())
        if self.status in ("pending", "changes_requested"):
            return rows.order_by("rank", "confirmed_at", "pk")
        return rows.order_by("-last_move_at", "-pk")

    def page(self, part: slice) -> list[Submission]:
        """Return a part of the rows with what a page shows of them.

        Sorted are keys only: whole rows with their values would make the database carry thousands of them along.
        """
        keys = list(self.rows().values_list("pk", flat=True)[part])
        rows = self._ranked().filter(pk__in=keys).select_related("country", "assigned_to", "opened_by")
        found = {row.pk: row for row in rows.defer("base", "decisions")}
        return [found[key] for key in keys if key in found]

    @property
    def status(self) -> str:
        """Return the status that is shown."""
        return self.chosen.get("status", "pending")

    def keys(self) -> list[int]:
        """Return the keys of all rows in their order: one query, and small even for thousands."""
        return list(self.rows().values_list("pk", flat=True))

    def section_of(self, row: Any) -> str:
        """Return the section of a row of :meth:`rows`."""
        return next(name for name, rank in _RANKS.items() if rank == row.rank)

    def _ranked(self) -> QuerySet[Submission]:
        whens = [When(condition, then=_RANKS[name]) for name, condition in self._section_conditions().items()]
        rank = Case(*whens, default=Value(_RANKS["elsewhere"]), output_field=IntegerField())
        return self._searched(Submission.objects.sent().annotate(rank=rank))

    def _section_conditions(self) -> dict[str, Q]:
        pending = Q(status=Status.PENDING)
        own = {
            "mine": pending & Q(assigned_to=self.user),
            "unassigned": pending
            & Q(assigned_to=None)
            & (Q(country__in=self.codes) if self.codes else Q(pk__isnull=False)),
        }
        return {
            **(own if self.may_review else {}),
            "late": pending & Q(confirmed_at__lte=self.now - timedelta(days=LATE_DAYS)),
            "answered": pending & Q(answered_at__isnull=False),
            "others": pending,
        }

    def _searched(self, rows: QuerySet[Submission]) -> QuerySet[Submission]:
        text = self.chosen.get("q", "").replace("\x00", " ").strip()
        if self.chosen.get("cluster"):
            rows = rows.filter(target_id=int(self.chosen["cluster"]))
        if self.chosen.get("import"):
            rows = rows.filter(import_row__spreadsheet=int(self.chosen["import"]))
        if not text:
            return rows
        reference = text.replace("-", "").lower()
        if len(reference) >= 8 and all(letter in "0123456789abcdef" for letter in reference):
            if len(reference) == 32:
                return rows.filter(public_id=UUID(reference))
            # The first eight characters are the same in both databases' way of writing it.
            rows = rows.annotate(reference=Cast("public_id", CharField(max_length=36)))
            return rows.filter(reference__startswith=reference[:8])
        for word in text.split():
            rows = rows.filter(
                Q(name__icontains=word) | Q(submitter_email__icontains=word) | Q(submitter_name__icontains=word)
                | Q(target__name__icontains=word)
            )  # fmt: skip
        return rows

    # --- filters ---

    def _conditions(self) -> dict[str, Q]:
        values = {**self.chosen, "status": self.status}
        return {name: self._condition(name, values[name]) for name in FILTERS if values.get(name)}

    def _condition(self, name: str, value: str) -> Q:
        if name == "section":
            return Q(rank=_RANKS[value])
        if name == "status":
            if value == "all":
                return Q(pk__isnull=False)
            return Q(status__in=[*Submission.DECIDED]) if value == "decided" else Q(status=value)
        if name == "assigned":
            return Q(assigned_to=None) if value == "nobody" else Q(assigned_to=self.user.pk if value == "me" else value)
        if name == "age":
            late, soon = (self.now - timedelta(days=days) for days in (LATE_DAYS, SOON_LATE_DAYS))
            return {
                "late": Q(confirmed_at__lte=late),
                "soon": Q(confirmed_at__gt=late, confirmed_at__lte=soon),
                "new": Q(confirmed_at__gt=soon),
            }[value]
        return Q(**{name: value})

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Return ``{filter: {value: submissions}}``, each filter counted against all others, and the total.

        Three queries, whatever the number of submissions.
        """
        conditions = self._conditions()
        everything = Q(pk__isnull=False)
        fixed: dict[str, Mapping[str, Any] | list[str]] = {
            "section": self.sections, "status": STATUSES, "kind": Submission.Kind.values,
            "channel": Submission.Channel.values, "age": AGES, "trust": Submission.Trust.values, "assigned": ASSIGNED,
        }  # fmt: skip
        aggregates = {}
        for name, values in fixed.items():
            others = self._others(conditions, name)
            for value in values:
                aggregates[f"{name}__{value}"] = Count("pk", filter=others & self._condition(name, value))
        total = everything
        for condition in conditions.values():
            total &= condition
        found = self._ranked().order_by().aggregate(total=Count("pk", filter=total), **aggregates)
        counts: dict[str, dict[str, int]] = {"total": {"": found.pop("total")}}
        for key, number in found.items():
            name, _, value = key.partition("__")
            counts.setdefault(name, {})[value] = number
        for name, columns in (("country", ("country", "country__name")), ("assigned", ("assigned_to",))):
            rows = self._ranked().filter(self._others(conditions, name)).order_by().values_list(*columns)
            for row in rows.annotate(number=Count("pk")):
                value, number = row[0], row[-1]
                if value is not None:
                    counts.setdefault(name, {})[str(value)] = number
                    if name == "country":
                        self._country_names[str(value)] = str(row[1])
        return counts

    def _others(self, conditions: Mapping[str, Q], name: str) -> Q:
        found = Q(pk__isnull=False)
        for other, condition in conditions.items():
            if other != name:
                found &= condition
        return found

    @cached_property
    def total(self) -> int:
        """Return how many submissions there are."""
        return self.counts["total"][""]

    @cached_property
    def reviewers(self) -> list[User]:
        """Return who may review, by name."""
        return reviewers()

    @cached_property
    def facets(self) -> list[Facet]:
        """Return the filters with their values; values that nothing has are left out unless chosen."""
        counts = self.counts
        labels: dict[str, Mapping[str, str]] = {
            "section": self.sections,
            "status": STATUSES,
            "kind": dict(Submission.Kind.choices),
            "channel": dict(Submission.Channel.choices),
            "country": dict(sorted(self._country_names.items(), key=lambda pair: pair[1].casefold())),
            "assigned": {
                **ASSIGNED,
                **{
                    str(user.pk): user.get_full_name() or user.get_username()
                    for user in self.reviewers
                    if user.pk != self.user.pk
                },
            },
            "age": AGES,
            "trust": dict(Submission.Trust.choices),
        }
        return [self._facet(name, labels[name], counts.get(name, {})) for name in FILTERS]

    def _facet(self, name: str, labels: Mapping[str, str], counts: Mapping[str, int]) -> Facet:
        chosen = self.status if name == "status" else self.chosen.get(name, "")
        options = []
        for value, label in labels.items():
            is_chosen = value == chosen
            if not counts.get(value) and not is_chosen and name != "status":
                continue
            # A chosen filter is taken away by choosing it again; a status is always chosen.
            query = self.query(**{name: "" if (is_chosen or value == "pending") and name != "status" else value})
            options.append(Option(value, str(label), counts.get(value, 0), is_chosen, query))
        return Facet(name, FILTERS[name], options)


@dataclass(frozen=True)
class Place:
    """The place of a submission in a queue; ``number`` is 0 if it is not in it (any more)."""

    number: int
    total: int
    previous: int | None
    next: int | None


def place_of(queue: Queue, pk: int) -> Place:
    """Return the neighbours of the submission ``pk`` in ``queue``.

    For one that has left the queue the next is its first: nothing is lost by starting there again.
    """
    keys = queue.keys()
    if pk not in keys:
        return Place(0, len(keys), None, keys[0] if keys else None)
    index = keys.index(pk)
    return Place(
        number=index + 1,
        total=len(keys),
        previous=keys[index - 1] if index else None,
        next=keys[index + 1] if index + 1 < len(keys) else None,
    )
