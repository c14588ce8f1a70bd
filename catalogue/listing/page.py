"""What the list page shows: results, facets, chips and links, from one request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Page
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.safestring import SafeString

from catalogue.exports.outputs import Outputs
from catalogue.listing import declaration
from catalogue.listing.declared import BY_NAME, FACETS, SORT_CHOICES, TABLES, TYPED
from catalogue.listing.facets import Counts, Facet, build_facets, facet_counts
from catalogue.listing.filters import ClusterFilter
from catalogue.listing.messages import Message
from catalogue.listing.nothing import NothingFound, Way
from catalogue.listing.paginator import CountedPaginator, OrderedRows
from catalogue.listing.reading import Chip, PageReading
from catalogue.map.cluster_map import ClusterMap
from catalogue.models import Cluster
from catalogue.profile.structured_data import list_json_ld
from catalogue.search.towns import Place

PAGE_SIZE = 24
#: So many clusters are on the page that is made for printing, some fifty sheets; beyond that, a file is better.
PRINTED = 500
#: The ways to show the list that a switch offers.
VIEWS = (("cards", "Cards"), ("table", "Table"), ("map", "Map"))


@dataclass(frozen=True)
class ViewLink:
    """One way to show the list."""

    value: str
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Input:
    """A value to type in. ``text`` is what was given, right or wrong."""

    name: str
    label: str
    attributes: tuple[tuple[str, str], ...]
    text: str
    errors: list[str]
    is_used: bool


@dataclass(frozen=True)
class InputGroup:
    """Inputs that share a part of the page; it is open while one of them is used."""

    name: str
    label: str
    inputs: list[Input]

    @property
    def is_open(self) -> bool:
        """Whether one of the inputs holds a value or an error."""
        return any(item.is_used for item in self.inputs)


class ClusterListing:
    """The list of clusters for one address; templates read its properties."""

    list_path = reverse_lazy("catalogue:cluster_list")
    map_path = reverse_lazy("catalogue:cluster_map")

    def __init__(self, query: QueryDict, *, is_map: bool = False) -> None:
        self.query = query
        self.filterset = ClusterFilter(
            query, beside=frozenset({"all"}) if is_map else frozenset({"page", "view", "all"}), is_lenient=True
        )
        # Where the search text finds nothing, zeros everywhere would help nobody.
        self.counts_leave_out = "" if self.filterset.found or not self.filterset.value("q") else "q"
        self.counts: Counts = facet_counts(self.filterset, *filter(None, [self.counts_leave_out]))
        self.notices: list[str] = []
        self.is_map = is_map
        self.path = self.map_path if is_map else self.list_path
        self.view = self._view()
        self.shows_all = self._shows_all()
        self.page = None if is_map else self._page()

    @cached_property
    def map(self) -> ClusterMap:
        """The same clusters as a map."""
        return ClusterMap.of_filter(self.filterset)

    @property
    def view_links(self) -> list[ViewLink]:
        """Links to the other ways to show the same clusters."""
        base = self.filterset.query_string()
        links = []
        for value, label in VIEWS:
            parts = [base, f"view={value}" if value == "table" else "", *(f"all={name}" for name in self.shows_all)]
            query = "&".join(filter(None, parts))
            path = self.map_path if value == "map" else self.list_path
            links.append(ViewLink(value, label, f"{path}?{query}" if query else str(path), value == self.view))
        return links

    @property
    def view_parameter(self) -> str:
        """The way to show the list as the address has it; empty for the usual one."""
        return self.view if self.view in ("table", "print") else ""

    @property
    def hidden_rows(self) -> int:
        """How many of the clusters found are on other pages."""
        return self.total - len(self.page) if self.page else 0

    @property
    def print_url(self) -> str:
        """Address of all clusters found on one page, to be printed."""
        return f"{self.list_path}{self.encode(self.base_query('print'))}"

    @property
    def url(self) -> str:
        """Address of what is shown: the right part of that asked for."""
        query = self.base_query(self.view_parameter)
        if self.page and self.page.number > 1:
            query["page"] = str(self.page.number)
        return f"{self.path}{self.encode(query)}".removesuffix("?")

    @property
    def outputs(self) -> Outputs:
        """Addresses under which programs and other sites get the same clusters."""
        query = self.filterset.query_string()
        return Outputs(query)

    def json_ld(self, base_url: str) -> SafeString:
        """The clusters shown, for search engines."""
        return list_json_ld(self.page or [], self.total, base_url)

    @property
    def title(self) -> str:
        """What the page is called in tabs and histories."""
        text = self.filterset.value("q")
        what = "Map of clusters" if self.is_map else "Clusters"
        return f"“{text}” – {what}" if text else what

    @property
    def total(self) -> int:
        """How many clusters the filters find."""
        return self.counts["total"].get("", 0)

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets with their counts."""
        return build_facets(self.filterset, self.counts, self.shows_all)

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong with the address, by parameter."""
        errors: dict[str, list[str]] = {name: list(messages) for name, messages in self.filterset.errors.items()}
        return {**self.filterset.warnings, **errors}

    @cached_property
    def labelled_errors(self) -> list[tuple[str, str, str]]:
        """Every message after its parameter and the name of its filter as people read it."""
        filters = self.filterset.filters
        return [
            (name, str(filters[name].label) if name in filters else "", message)
            for name, messages in self.errors.items()
            for message in messages
        ]

    def query_as_meant(self, name: str, message: Message) -> str:
        """Return the query of this page with what was probably meant in place of what was given."""
        query = self.query.copy()
        query.pop("page", None)
        if name in BY_NAME:
            values = [message.meant if value.strip() == message.given else value for value in query.getlist(name)]
            query.setlist(name, list(dict.fromkeys(values)))
        else:
            query.setlist(message.meant, [*query.getlist(message.meant), *query.pop(name)])
        return self.encode(query)

    @property
    def shows_confirmed(self) -> bool:
        """Whether a cluster of this page was ever confirmed; a column of blanks says nothing."""
        return any(cluster.confirmed_on for cluster in self.page or [])

    @property
    def sort_options(self) -> list[tuple[str, str]]:
        """The orders to choose from; the usual one has no value, so that it stays out of the address."""
        usual = self.usual_sort
        return [
            ("" if value == usual else value, label)
            for value, label in SORT_CHOICES
            if (value != "relevance" or self.filterset.value("q")) and (value != "distance" or self.filterset.near)
        ]

    @property
    def usual_sort(self) -> str:
        """The order without a choice."""
        return "distance" if self.filterset.near else self.filterset.usual_order

    @property
    def sort_value(self) -> str:
        """The chosen order as the list of orders has it."""
        return "" if self.filterset.order == self.usual_sort else self.filterset.order

    @property
    def page_numbers(self) -> list[int | str]:
        """The page numbers to show, with gaps."""
        page = self.page
        return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)) if page else []

    @property
    def input_groups(self) -> list[InputGroup]:
        """The parts of the page with values to type in."""
        groups: dict[declaration.InputGroup, list[Input]] = {}
        for declared in TYPED:
            if declared.group:
                groups.setdefault(declared.group, []).append(self._input(declared))
        return [InputGroup(group.name, group.label, inputs) for group, inputs in groups.items()]

    def _input(self, declared: declaration.TypedFilter) -> Input:
        name = declared.name
        return Input(
            name,
            declared.input_label,
            declared.attributes,
            self.query.get(name, ""),
            self.errors.get(name, []),
            name in self.errors or self.filterset.value(name) is not None,
        )

    @property
    def has_filters(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.filterset.active)

    @property
    def active_count(self) -> int:
        """How many filter values are chosen."""
        return len(self.chips)

    @cached_property
    def chips(self) -> list[Chip]:
        """The active filters, each removable."""
        chips = []
        for name in self.filterset.active:
            if name == "q" and self.reading and self.reading.read_as:
                continue  # its parts have chips of their own
            declared = BY_NAME[name]
            if name in TABLES:
                chips += [
                    Chip(name, declared.label, option.label, self.query_without(name, option.value))
                    for option in self.filterset.selected_options(name)
                ]
            else:
                text = declared.text(self.filterset.value(name))
                chips.append(Chip(name, declared.label, text, self.query_without(name)))
        if near := self.filterset.value("near"):
            chips.append(Chip("near", "Near", near, self.query_without("near")))
        return [*chips, *(part.chip for part in self.reading.read_as)] if self.reading else chips

    @property
    def near(self) -> Place | None:
        """The town by whose distance the list is sorted, if it is."""
        return self.filterset.near if self.filterset.order == "distance" else None

    @cached_property
    def reading(self) -> PageReading | None:
        """What the search text was read as; ``None`` without one."""
        return PageReading(self) if self.filterset.interpretation else None

    @cached_property
    def nothing(self) -> NothingFound | None:
        """The ways out of an empty list; ``None`` where something is found."""
        return None if self.total else NothingFound(self.filterset)

    @cached_property
    def ways(self) -> list[Way]:
        """What can be left away where nothing is found, the most fruitful first."""
        return self.nothing.ways(self) if self.nothing else []

    def base_query(self, view: str | None = None) -> QueryDict:
        """Return what the address says and the page keeps, but for the number of the page; ``view`` instead of its own."""
        query = QueryDict(self.filterset.query_string(), mutable=True)
        if view := self.view_parameter if view is None else view:
            query["view"] = view
        if self.shows_all:
            query.setlist("all", self.shows_all)
        return query

    def query_without(self, name: str, value: str | None = None) -> str:
        """Return the query string of the list without a filter, or without one value of it."""
        query = self.base_query()
        rest = [item for item in query.getlist(name) if value is not None and item != value]
        query.setlist(name, rest)
        if not rest:
            del query[name]
        return self.encode(query)

    @staticmethod
    def encode(query: QueryDict) -> str:
        """Return the query string as a link has it."""
        encoded = query.urlencode()
        return f"?{encoded}" if encoded else "?"

    def _view(self) -> str:
        wanted = self.query.get("view", "cards") or "cards"
        if self.is_map:
            return "map"
        if len(set(self.query.getlist("view"))) > 1:
            self.notices.append(f"“view” was given more than once; the last one counts: {wanted[:40]}.")
        if wanted in ("cards", "table", "print"):
            return wanted
        self.notices.append(
            f"“{wanted[:40]}” is no way to show the list; use cards, table or print. These are the cards."
        )
        return "cards"

    def _shows_all(self) -> list[str]:
        """Return the facets that are to show all their values."""
        wanted = list(dict.fromkeys(name for name in self.query.getlist("all") if name))
        self.notices += [
            f"“{name[:40]}” is no filter whose values could all be shown; such are {', '.join(FACETS)}."
            for name in wanted
            if name not in FACETS
        ]
        return [name for name in wanted if name in FACETS]

    def _page(self) -> Page:
        paginator = CountedPaginator(
            OrderedRows(self.filterset, Cluster.objects.published().for_cards()),
            PRINTED if self.view == "print" else PAGE_SIZE,
            self.total,
        )
        wanted = self.query.get("page", "1") or "1"
        if len(set(self.query.getlist("page"))) > 1:
            self.notices.append(f"“page” was given more than once; the last one counts: {wanted[:40]}.")
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 0
        if not 1 <= number <= paginator.num_pages:
            last = paginator.num_pages
            self.notices.append(
                f"There is no page “{wanted[:40]}”: the list has {last} page{'s' if last > 1 else ''}. "
                f"This is page {last if number > last else 1}."
            )
            number = last if number > last else 1
        return paginator.page(number)
