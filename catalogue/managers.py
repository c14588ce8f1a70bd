"""QuerySets: every rule about what is read, under the words of the domain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from catalogue import lookups  # noqa: F401 - registers ``any_of``

if TYPE_CHECKING:
    from catalogue.models import Cluster


class ClusterQuerySet(models.QuerySet["Cluster"]):
    """Clusters."""

    def update(self, **kwargs: Any) -> int:
        """Update as Django does, ``bulk_update`` included. Raises ``ValueError`` for a slug.

        A bulk update would lose the old addresses; ``Cluster.save()`` stores them.
        """
        if "slug" in kwargs:
            raise ValueError("Change the slug of a cluster with save(), which stores its old address.")
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]  # no template may call it

    def published(self) -> ClusterQuerySet:
        """The public ones. Counts over a relation to clusters repeat its condition."""
        return self.filter(status="published")

    def priority(self) -> ClusterQuerySet:
        """Those that staff decided to give priority."""
        return self.filter(is_priority=True)

    def confirmed_recently(self) -> ClusterQuerySet:
        """Those confirmed within the last 365 days."""
        return self.filter(confirmed_on__gte=timezone.localdate() - timedelta(days=365))

    def with_keys(self, keys: Iterable[int]) -> ClusterQuerySet:
        """Those with these primary keys, however many: they go to the database as one parameter."""
        return self.filter(pk__any_of=list(keys))

    def in_order_of(self, keys: list[int]) -> list[Cluster]:
        """Return those with these primary keys, in their order."""
        rows = {row.pk: row for row in self.with_keys(keys)}
        return [rows[key] for key in keys if key in rows]

    def for_listing(self) -> ClusterQuerySet:
        """With what a row of a list, an API answer or an export shows: three queries for any number."""
        from catalogue.models import Network, Term

        return (
            self.select_related("country", "region")
            .prefetch_related(
                Prefetch("terms", Term.objects.order_by("sort_name")),
                Prefetch("networks", Network.objects.order_by("sort_name")),
            )
            .defer("note", "priority_reason")
        )

    def for_cards(self) -> ClusterQuerySet:
        """With what a card or a line of the table shows, and no more; of the terms only verticals."""
        from catalogue.models import Term

        verticals = Term.objects.filter(vocabulary=Term.Vocabulary.VERTICAL).order_by("sort_name")
        return (
            self.select_related("country", "region")
            .prefetch_related(Prefetch("terms", verticals))
            .only(
                "slug", "name", "summary", "is_priority", "founded", "confirmed_on", "members", "members_qualifier",
                "quality_label", "quality_expires_on", "country__name", "region__name", "place", "precision", "logo",
            )
        )  # fmt: skip

    def for_profile(self) -> ClusterQuerySet:
        """With all that a profile shows."""
        return self.for_listing().prefetch_related("showcase_items", "social_links", "target_markets")

    def for_page(self) -> ClusterQuerySet:
        """With all that the page of a profile shows: further figures and the sources too."""
        return self.for_profile().prefetch_related("figures", "fact_sources")


class CountryQuerySet(models.QuerySet):
    """Countries."""

    def with_published_clusters(self) -> CountryQuerySet:
        """Those with at least one published cluster, and ``cluster_count``."""
        return (
            self.annotate(cluster_count=Count("clusters", filter=Q(clusters__status="published"), distinct=True))
            .filter(cluster_count__gt=0)
            .order_by("sort_name", "code")
        )  # counting drops the order of the model


class RegionQuerySet(models.QuerySet):
    """Regions."""

    def with_published_clusters(self) -> RegionQuerySet:
        """Those with at least one published cluster, and ``cluster_count``.

        A region that only unpublished clusters have would give them away.
        """
        counted = self.annotate(cluster_count=Count("clusters", filter=Q(clusters__status="published")))
        return counted.filter(cluster_count__gt=0).order_by("sort_name", "slug")  # counting drops the order


class NetworkQuerySet(models.QuerySet):
    """Networks."""

    def with_cluster_counts(self) -> NetworkQuerySet:
        """All networks with ``cluster_count``, the number of their published clusters."""
        counted = self.annotate(cluster_count=Count("clusters", filter=Q(clusters__status="published")))
        return counted.order_by("sort_name", "slug")  # counting drops the order of the model

    def for_page(self) -> NetworkQuerySet:
        """With what a network's page shows; unpublished clusters are left out already here."""
        from catalogue.models import Cluster

        return self.with_cluster_counts().prefetch_related(
            Prefetch(
                "clusters",
                Cluster.objects.published().for_listing().order_by("sort_name"),
                to_attr="published_clusters",
            )
        )
