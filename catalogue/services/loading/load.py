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
from catalogue.services.locking import lock_clusters
from catalogue.services.search import refresh_search
from loading.fields import Directory
from loading.merge import Kind, merge
from loading.report import Difference, Report

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
            # The files have an order of their own, and a country's name goes into the words of clusters.
            lock_clusters()
        to_publish: list[Cluster] = []
        positions: list[tuple[Cluster, int | None]] = []
        changed: dict[type, list] = {}
        for kind in _kinds(to_publish, positions):

            def tick(label: str = kind.label) -> None:
                nonlocal done
                done += 1
                if progress is not None:
                    progress(label, done, total)

            changed[kind.model] = merge(kind, entries.of(kind.label), directory, report, tick)
            if kind.model is Cluster:
                _give_positions(positions, report)
                publish_clusters(clusters=to_publish)
        # A name changed in countries, regions or terms changes by what words clusters are found.
        touched = Q(country__in=changed[Country]) | Q(region__in=changed[Region]) | Q(terms__in=changed[Term])
        if any(changed[model] for model in (Country, Region, Term)):
            refresh_search(clusters=Cluster.objects.filter(pk__in=Cluster.objects.filter(touched).values("pk")))
    return report


def _kinds(to_publish: list[Cluster], positions: list[tuple[Cluster, int | None]]) -> list[Kind]:
    """Return the kinds in an order in which whatever is referred to comes first."""
    return [
        kinds.country_kind(),
        kinds.region_kind(),
        kinds.term_kind(),
        kinds.partner_kind(),
        kinds.cluster_kind(to_publish, positions),
        kinds.network_kind(),
        kinds.rule_kind(),
        kinds.page_kind(),
        kinds.project_kind(),
    ]


def _give_positions(positions: list[tuple[Cluster, int | None]], report: Report) -> None:
    """Put clusters on their places in the list of loyal ones, except where staff put another one."""
    moving = [cluster.pk for cluster, _place in positions]
    held = Cluster.objects.filter(loyal_position__isnull=False).exclude(pk__in=moving)
    taken = set(held.values_list("loyal_position", flat=True))
    # Off the old places first: no two clusters may have the same one, not even for a moment.
    Cluster.objects.filter(pk__in=moving).update(loyal_position=None)
    for cluster, place in positions:
        if place in taken:
            report.differences.append(Difference(f"clusters {cluster.slug}", "loyal", None, place))
            continue
        cluster.loyal_position = place
        cluster.save(update_fields=["loyal_position"])
