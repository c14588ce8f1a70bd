"""Reading all data files, then bringing them into the database in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Q

from catalogue.models import Cluster, Country, Region, Term
from catalogue.services.clusters import publish_clusters
from catalogue.services.loading import kinds
from catalogue.services.loading.entries import read_entries
from catalogue.services.loading.fields import Directory
from catalogue.services.loading.merge import Kind, merge
from catalogue.services.loading.report import Report
from catalogue.services.search import refresh_search

#: Any number of our own: two loads at the same time on PostgreSQL wait for each other.
LOCK = 2_019_004_005


def load_all(*, folder: Path, progress: Callable[[str, int, int], None] | None = None) -> Report:
    """Load the data files of ``folder`` and return what happened.

    ``progress`` is called after each record with its kind, how many records are done and how many there
    are. Raises ``LoadError`` for the first mistake in a file; the database is then as before.
    """
    entries = read_entries(folder)
    report, directory = Report(), Directory()
    total, done = entries.total, 0

    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        to_publish: list[Cluster] = []
        changed: dict[type, list] = {}
        for kind in _kinds(to_publish):

            def tick(label: str = kind.label) -> None:
                nonlocal done
                done += 1
                if progress is not None:
                    progress(label, done, total)

            changed[kind.model] = merge(kind, entries.of(kind.label), directory, report, tick)
            if kind.model is Cluster:
                publish_clusters(clusters=to_publish)
        # A name changed in countries, regions or terms changes by what words clusters are found.
        touched = Q(country__in=changed[Country]) | Q(region__in=changed[Region]) | Q(terms__in=changed[Term])
        if any(changed[model] for model in (Country, Region, Term)):
            refresh_search(
                clusters=Cluster.objects.filter(pk__in=Cluster.objects.filter(touched).values("pk"))
            )
    return report


def _kinds(to_publish: list[Cluster]) -> list[Kind]:
    """Return the kinds in an order in which whatever is referred to comes first."""
    return [
        kinds.country_kind(),
        kinds.region_kind(),
        kinds.term_kind(),
        kinds.partner_kind(),
        kinds.cluster_kind(to_publish),
        kinds.network_kind(),
        kinds.rule_kind(),
        kinds.page_kind(),
        kinds.project_kind(),
    ]
