"""Clusters in the search of staff: by what they are called, and by every address that leads to them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest
from django.urls import reverse

from catalogue.domains import mail_domain_of, website_domain
from catalogue.listing.filters import ClusterFilter
from catalogue.models import Cluster, OldSlug
from catalogue.search.reading import Reading
from catalogue.search.text import MAX_LENGTH
from workplace.search import Found, Hit, SearchSource, exactness

NOTHING = Q(pk__in=[])
MOST_RANKED = 50  # found by words and put in order of relevance; the others follow by name
_SLUG = re.compile(r"[a-z0-9_-]{1,120}")


@dataclass(frozen=True)
class ClusterQuery:
    """What staff searches for: clusters that are exactly it, those near it, and what its words mean if it has any."""

    exact: Q
    near: Q
    search: ClusterFilter | None

    @classmethod
    def of(cls, text: str) -> ClusterQuery:
        """Read ``text``, among clusters of every status."""
        text = text.replace("\x00", " ").strip()[:MAX_LENGTH]
        exact, near = _named_exactly(text), _at_domain(text)
        if "@" in text or "//" in text or not text:
            return cls(exact, near, None)  # an address, whose parts as words would find strangers
        search = ClusterFilter({"q": text}, Cluster.objects.all())
        if search.interpretation and search.interpretation.is_fuzzy and Cluster.objects.filter(exact | near).exists():
            return cls(exact, near, None)
        return cls(exact, near, search)

    @property
    def interpretation(self) -> Reading | None:
        """What the words were taken to mean."""
        return self.search.interpretation if self.search else None

    @property
    def condition(self) -> Q:
        """The condition that a cluster is found."""
        found = self.exact | self.near
        return found | Q(pk__any_of=list(self.search.found)) if self.search else found

    def ranked(self, clusters: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Return those of ``clusters`` that are found, the exact ones first."""
        order: list[Any] = [exactness(self.exact), exactness(self.near)]
        if self.search:
            best = [When(pk=pk, then=place) for place, pk in enumerate(islice(self.search.in_order(), MOST_RANKED))]
            if best:  # a constant would be the number of a column
                order.append(Case(*best, default=MOST_RANKED))
        return clusters.filter(self.condition).order_by(*order, "sort_name", "slug")


def _named_exactly(text: str) -> Q:
    if not text.strip("/ "):
        return NOTHING  # every cluster without website or e-mail has that
    found = Q(email__iexact=text) | Q(contact_email__iexact=text) | Q(acronym__iexact=text)
    slug = text.lower()
    if _SLUG.fullmatch(slug):
        found |= Q(slug=slug) | Q(pk__in=OldSlug.objects.filter(slug=slug).values("cluster"))
    with suppress(ValueError):
        found |= Q(public_id=UUID(text))
    if "//" in text:
        address = text.rstrip("/")
        found |= Q(website__iexact=address) | Q(website__iexact=f"{address}/")
    return found


def _at_domain(text: str) -> Q:
    """Return the condition that website or e-mail of a cluster are at the domain that ``text`` names, if it does."""
    if " " in text or "." not in text:
        return NOTHING
    domain = mail_domain_of(text) if "@" in text and "//" not in text else website_domain(text)
    if not domain:
        return NOTHING
    host = rf"^https?://([^/?#@]*\.)?{re.escape(domain)}(:[0-9]+)?([/?#]|$)"
    # The plain comparison first: the pattern is slow, and few rows are left for it.
    mailbox = Q(email__iendswith=f"@{domain}") | Q(contact_email__iendswith=f"@{domain}")
    return Q(website__icontains=domain, website__iregex=host) | mailbox


def find(request: HttpRequest, text: str, limit: int) -> Found:
    """Return clusters, published or not."""
    query = ClusterQuery.of(text)
    rows = query.ranked(Cluster.objects.select_related("country")).only(
        "name", "acronym", "status", "country__name"
    )  # fmt: skip
    return Found(
        [Hit(reverse("admin:catalogue_cluster_change", args=[row.pk]), row.name, _remark(row)) for row in rows[:limit]],
        Cluster.objects.filter(query.condition).count(),
        f"{reverse('admin:catalogue_cluster_changelist')}?{urlencode({'q': text})}",
    )


def _remark(cluster: Cluster) -> str:
    return " · ".join(
        part for part in (cluster.acronym, cluster.country.name, cluster.get_status_display().lower()) if part
    )


def _is_allowed(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("catalogue.view_cluster"))


CLUSTERS = SearchSource(
    "clusters", "Clusters", find, _is_allowed,
    "name, former name, acronym, text, e-mail, website or its domain, old or new address, public id", order=10,
)  # fmt: skip
