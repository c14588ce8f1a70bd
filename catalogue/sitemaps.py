"""What search engines may index: published profiles and networks, nothing else."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from catalogue.models import Cluster, Network


class ClusterSitemap(Sitemap):
    """Published profiles."""

    def items(self) -> QuerySet:
        """Return the published clusters."""
        return Cluster.objects.published().only("slug", "updated_at").order_by("slug")

    def lastmod(self, cluster: Cluster) -> datetime:
        """Return when the profile last changed."""
        return cluster.updated_at


class NetworkSitemap(Sitemap):
    """Networks."""

    def items(self) -> QuerySet:
        """Return the networks."""
        return Network.objects.only("slug").order_by("slug")


class StaticSitemap(Sitemap):
    """Home and lists."""

    def items(self) -> list[str]:
        """Return the names of the addresses."""
        return ["home", "catalogue:cluster_list", "catalogue:cluster_map", "catalogue:network_list"]

    def location(self, name: str) -> str:
        """Return the address of ``name``."""
        return reverse(name)
