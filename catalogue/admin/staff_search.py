"""Clusters in the search of staff: by what they are called, and by every address that leads to them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalogue.domains import mail_domain_of, website_domain
from catalogue.models import Cluster, OldSlug
from catalogue.search.query import Interpretation, interpret
from workplace.search import Found, Hit, SearchSource, exactness

NOTHING = Q(pk__in=[])
_SLUG = re.compile(r"[a-z0-9_-]{1,120}")


@dataclass(frozen=True)
class ClusterQuery:
    """What staff searches for: clusters that are exactly it, those near it, and what its words mean if it has any."""

    exact: Q
    near: Q
    interpretation: Interpretation | None

    @classmethod
    def of(cls, text: str) -> ClusterQuery:
        """Read ``text``. At most one query more than :func:`catalogue.search.query.interpret` makes."""
        text = text.replace("\x00", " ").strip()
        exact, near = _named_exactly(text), _at_domain(text)
        if "@" in text or "//" in text:
            return cls(exact, near, None)  # an address, whose parts as words would find strangers
        interpretation = interpret(text, Cluster.objects.all())
        if interpretation.is_fuzzy and Cluster.objects.filter(exact | near).exists():
            return cls(exact, near, None)
        return cls(exact, near, interpretation)

    @property
    def condition(self) -> Q:
        """The condition that a cluster is found."""
        found = self.exact | self.near
        return found | self.interpretation.condition() if self.interpretation else found

    def ranked(self, clusters: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Return those of ``clusters`` that are found, the exact ones first."""
        found = clusters.filter(self.condition)
        if self.interpretation is None or not self.interpretation.terms:
            return found.order_by(exactness(self.exact), exactness(self.near), "sort_name", "slug")
        return found.order_by(
            exactness(self.exact), exactness(self.near), self.interpretation.rank().desc(), "sort_name", "slug"
        )


def _named_exactly(text: str) -> Q:
    if not text.strip("/ "):
        return NOTHING  # every cluster without website or e-mail has that
    found = Q(email__iexact=text) | Q(acronym__iexact=text)
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
    return Q(website__icontains=domain, website__iregex=host) | Q(email__iendswith=f"@{domain}")


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
