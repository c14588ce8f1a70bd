"""What the API says about clusters, built from plain values.

Serializers of nested models cost several times as much as the queries for a page of 50; these functions
fetch tuples and make dictionaries of them. ``catalogue.api.serializers`` declares the same shapes for the
OpenAPI description, and tests hold real answers against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request

from catalogue.map.cluster_map import PLACE_CREDIT
from catalogue.models import Cluster, Country, Network, ShowcaseItem, SocialLink

ATTRIBUTION = PLACE_CREDIT
#: The keys of a cluster under which the terms of a vocabulary stand.
TERM_KEYS = {
    "vertical": "verticals",
    "sector": "sectors",
    "emerging_industry": "emerging_industries",
    "technology_field": "technology_fields",
    "s3_priority": "s3_priorities",
}

Answer = dict[str, Any]

ROW_FIELDS = (
    "pk", "public_id", "slug", "name", "acronym", "country_id", "country__name", "region__slug",
    "region__name", "is_priority", "members", "members_qualifier", "members_as_of", "founded", "summary",
    "core_cybersecurity", "quality_label", "quality_expires_on", "place",
    "latitude", "longitude", "precision", "confirmed_on",
)  # fmt: skip
PROFILE_FIELDS = (
    "former_names", "place_local_name", "description", "benefits", "website", "email", "phone", "logo",
    "members_sme", "members_large", "members_research", "members_public", "staff", "quality_evidence",
    "successor__status", "successor__public_id", "successor__slug", "successor__name",
)  # fmt: skip


@dataclass(frozen=True)
class Links:
    """Absolute addresses, put together without asking the URL resolver once per row."""

    page: str
    api: str
    network_page: str
    network_api: str

    @classmethod
    def of(cls, request: Request | HttpRequest) -> Links:
        """Return the addresses under the host that was asked."""
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


def cluster_rows(queryset: QuerySet, links: Links) -> list[Answer]:
    """Return the rows of a list: three queries for any number of clusters."""
    today = timezone.localdate()
    rows = {values[0]: _row(values, links, today) for values in queryset.values_list(*ROW_FIELDS)}
    _add_terms_and_networks(rows)
    return list(rows.values())


def cluster_profile(slug: str, links: Links) -> Answer | None:
    """Return all that is public about a published cluster; ``None`` if there is none of this slug."""
    found = Cluster.objects.published().filter(slug=slug).order_by()
    values = found.values_list(*ROW_FIELDS, *PROFILE_FIELDS).first()
    if values is None:
        return None
    number, own, more = (
        values[0],
        values[: len(ROW_FIELDS)],
        dict(zip(PROFILE_FIELDS, values[len(ROW_FIELDS) :], strict=True)),
    )
    profile = _row(own, links, timezone.localdate())
    _add_terms_and_networks({number: profile})
    label = profile["quality_label"]
    expires_on = values[ROW_FIELDS.index("quality_expires_on")]
    return {
        **profile,
        "former_names": [line.strip() for line in more["former_names"].splitlines() if line.strip()],
        "place_local_name": more["place_local_name"] if profile["location"] and profile["location"]["place"] else "",
        "description": more["description"],
        "benefits": more["benefits"],
        "website": more["website"] or None,
        "email": more["email"] or None,
        "phone": more["phone"] or None,
        "logo_url": f"{profile['url']}logo/" if more["logo"] else None,
        "members_split": {kind: more[f"members_{kind}"] for kind in ("sme", "large", "research", "public")},
        "staff": None if more["staff"] is None else float(more["staff"]),
        "quality": {
            "label": label,
            "evidence": more["quality_evidence"],
            "valid_until": expires_on.isoformat(),
        }
        if label
        else None,
        "social_links": list(SocialLink.objects.filter(cluster=number).values("kind", "url")),
        "showcase": [
            {**item, "url": item["url"] or None}
            for item in ShowcaseItem.objects.filter(cluster=number).values("kind", "title", "url", "date")
        ],
        "target_markets": list(Country.objects.filter(targeting_clusters=number).values("code", "name")),
        "successor": links.reference(more["successor__public_id"], more["successor__slug"], more["successor__name"])
        if more["successor__status"] == Cluster.Status.PUBLISHED
        else None,
        "attribution": ATTRIBUTION,
    }


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


def _row(values: tuple[Any, ...], links: Links, today: date) -> Answer:
    (
        _pk, public_id, slug, name, acronym, country, country_name, region, region_name,
        priority, members, qualifier, members_as_of, founded, summary, core,
        label, label_until, place, latitude, longitude, precision, confirmed_on,
    ) = values  # fmt: skip
    location = None
    if latitude is not None and longitude is not None:
        location = {
            # Of a mere country the place is its capital, which says nothing about the cluster.
            "place": place if place and precision != Cluster.Precision.COUNTRY else None,
            "latitude": float(latitude),
            "longitude": float(longitude),
            "precision": precision,
        }
    return {
        "id": str(public_id),
        "slug": slug,
        "name": name,
        "acronym": acronym,
        "country": {"code": country, "name": country_name},
        "region": {"slug": region, "name": region_name} if region else None,
        "verticals": [],
        "sectors": [],
        "emerging_industries": [],
        "technology_fields": [],
        "s3_priorities": [],
        "networks": [],
        "priority": priority,
        "members": members,
        "members_qualifier": qualifier or None,
        "members_as_of": members_as_of and members_as_of.isoformat(),
        "founded": founded,
        "summary": summary,
        "core_cybersecurity": core,
        "quality_label": label if label_until and label_until >= today else None,
        "location": location,
        "confirmed_on": confirmed_on and confirmed_on.isoformat(),
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
