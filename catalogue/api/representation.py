"""What the API says about clusters, built from plain values.

Serializers of nested models cost several times as much as the queries for a page of 50; these functions
fetch tuples and make dictionaries of them. The keys are declared in ``catalogue.profile.fields``, from which
``catalogue.api.serializers`` takes the OpenAPI description too; tests hold real answers against it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request

from catalogue.listing.declared import IN_TOWN
from catalogue.listing.filters import ClusterFilter
from catalogue.map.cluster_map import PLACE_CREDIT
from catalogue.models import Cluster, Network
from catalogue.profile.declaration import ApiKey, in_order
from catalogue.profile.fields import FIELDS

ATTRIBUTION = PLACE_CREDIT
Answer = dict[str, Any]


def _keys(*, in_rows: bool) -> tuple[tuple[str, ApiKey], ...]:
    parts = in_order((field, key) for field in FIELDS for key in field.api if key.in_rows == in_rows)
    return tuple(
        (key.key or field.name, replace(key, columns=(field.name,)) if key.columns is None else key)
        for field, key in parts
    )


#: The declared keys of a row, and those that only a profile has, by name and in the order of the answer.
ROW_KEYS, PROFILE_KEYS = _keys(in_rows=True), _keys(in_rows=False)
#: The key of a cluster under which the terms of a vocabulary are listed.
TERM_KEYS = {field.vocabulary: field.name for field in FIELDS if field.vocabulary}


class Shape:
    """How tuples of columns become answers: what is fetched for some declared keys, and each key's value."""

    def __init__(self, keys: Iterable[tuple[str, ApiKey]]) -> None:
        keys = tuple(keys)
        fetched = [column for _name, key in keys for column in key.columns or ()]
        self.columns = tuple(dict.fromkeys(["pk", "public_id", "slug", "name", *fetched]))
        self.row: Any = namedtuple("row", self.columns)  # type: ignore[misc]
        # Most keys are a column as it is. Those are copied at once; only the others cost a call for each row.
        self._plain = tuple(name for name, _key in keys)
        first = [self.columns.index((key.columns or ("pk",))[0]) for _name, key in keys]
        self._values: Callable[[tuple[Any, ...]], tuple[Any, ...]] = itemgetter(*first)
        self._made = tuple((name, key.value) for name, key in keys if key.value)

    def answer(self, values: tuple[Any, ...], links: Links, today: date) -> Answer:
        """Return the declared keys for a tuple of ``columns``; lists of terms and networks are empty yet."""
        row = self.row._make(values)
        answer = dict(zip(self._plain, self._values(values), strict=True))
        for name, value in self._made:
            answer[name] = value(row, links, today)
        return answer


_ROW, _PROFILE = Shape(ROW_KEYS), Shape((*ROW_KEYS, *PROFILE_KEYS))


@dataclass(frozen=True)
class Links:
    """Absolute addresses, put together without calling the URL resolver once per row."""

    page: str
    api: str
    network_page: str
    network_api: str

    @classmethod
    def of(cls, request: Request | HttpRequest) -> Links:
        """Return the addresses under the host of the request."""
        origin = request.build_absolute_uri("/")[:-1]
        names = ("catalogue:cluster_list", "api:cluster_list", "catalogue:network_list", "api:network_list")
        return cls(*(origin + reverse(name) for name in names))

    def reference(self, public_id: Any, slug: str, name: str) -> Answer:
        """Return what is said about a cluster where it is only named."""
        return {
            "id": str(public_id),
            "slug": slug,
            "name": name,
            "url": f"{self.page}{slug}/",
            "api_url": f"{self.api}{slug}/",
        }

    def filtered(self, name: str, value: str) -> Answer:
        """Return the two lists of clusters, page and API, filtered by one value."""
        return {"url": f"{self.page}?{name}={value}", "clusters_url": f"{self.api}?{name}={value}"}

    def network(self, slug: str) -> Answer:
        """Return the addresses of a network."""
        return {
            "url": f"{self.network_page}{slug}/",
            "api_url": f"{self.network_api}{slug}/",
            "clusters_url": f"{self.api}?network={slug}",
        }


def cluster_rows(keys: list[int], links: Links) -> list[Answer]:
    """Return the rows of the clusters with these primary keys, in their order: three queries for any number."""
    today = timezone.localdate()
    found = Cluster.objects.published().with_keys(keys).order_by().values_list(*_ROW.columns)
    rows = {values[0]: _row(_ROW, values, links, today) for values in found}
    _add_terms_and_networks(rows)
    return [rows[key] for key in keys if key in rows]


def interpretation(filterset: ClusterFilter) -> Answer | None:
    """Return what the search text was read as; ``None`` without one."""
    reading = filterset.interpretation
    if reading is None:
        return None
    near = filterset.near
    return {
        "text": reading.text,
        "read_as": [
            {
                "text": phrase.text,
                "parameter": phrase.meaning.filter,
                "values": [value for value in phrase.meaning.values if not value.startswith(IN_TOWN)],
                "label": phrase.meaning.label,
                "excluded": phrase.is_excluded,
            }
            for phrase in reading.phrases
            if phrase.meaning.filter
        ]
        + [
            {"text": text, "parameter": name, "values": [str(value)], "label": text, "excluded": False}
            for name, text, value in reading.numbers
        ],
        "near": {"name": near.name, "latitude": near.latitude, "longitude": near.longitude} if near else None,
        "words": [term.word for term in reading.terms],
        "corrections": [{"word": word, "read_as": list(meant)} for word, meant in reading.corrections],
        "unknown": list(reading.unknown),
    }


def cluster_profile(slug: str, links: Links) -> Answer | None:
    """Return all that is public about a published cluster; ``None`` if there is none of this slug."""
    found = Cluster.objects.published().filter(slug=slug).order_by()
    values = found.values_list(*_PROFILE.columns).first()
    if values is None:
        return None
    answer = _row(_PROFILE, values, links, timezone.localdate())
    _add_terms_and_networks({values[0]: answer})
    more = {name: answer.pop(name) for name, _key in PROFILE_KEYS}
    return {**answer, **more, "attribution": ATTRIBUTION}


def network_answer(network: Network, links: Links) -> Answer:
    """Return a row of the list of networks; ``network`` has ``cluster_count``."""
    return {
        "slug": network.slug,
        "name": network.name,
        "cluster_count": network.cluster_count,  # type: ignore[attr-defined]
        "stated_members": network.stated_members,
        "website": network.website or None,
        **links.network(network.slug),
    }


def network_profile(network: Network, links: Links) -> Answer:
    """Return all that is public about a network; only its published clusters are counted and named."""
    clusters = network.clusters.published().order_by("sort_name", "slug")
    leader = network.facilitator
    is_public = leader is not None and leader.status == Cluster.Status.PUBLISHED
    return {
        **network_answer(network, links),
        "description": network.description,
        "facilitator": links.reference(leader.public_id, leader.slug, leader.name) if leader and is_public else None,
        "clusters": [links.reference(*values) for values in clusters.values_list("public_id", "slug", "name")],
    }


def _row(shape: Shape, values: tuple[Any, ...], links: Links, today: date) -> Answer:
    _pk, public_id, slug, name = values[:4]
    return {
        "id": str(public_id),
        "slug": slug,
        "name": name,
        **shape.answer(values, links, today),
        "url": f"{links.page}{slug}/",
        "api_url": f"{links.api}{slug}/",
    }


def _add_terms_and_networks(rows: dict[int, Answer]) -> None:
    """Put terms and networks into ``rows`` (by primary key), by name: two queries."""
    terms = Cluster.terms.through.objects.filter(cluster__in=rows).order_by("term__sort_name", "term__slug")
    fields = ("cluster_id", "term__vocabulary", "term__slug", "term__name")
    for number, vocabulary, slug, name in _values(terms, fields):
        rows[number][TERM_KEYS[vocabulary]].append({"slug": slug, "name": name})
    networks = Cluster.networks.through.objects.filter(cluster__in=rows).order_by("network__sort_name", "network__slug")
    for number, slug, name in _values(networks, ("cluster_id", "network__slug", "network__name")):
        rows[number]["networks"].append({"slug": slug, "name": name})


def _values(queryset: Any, fields: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
    return queryset.values_list(*fields)
