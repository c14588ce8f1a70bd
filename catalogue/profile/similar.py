"""Clusters like a given one, each with the reason why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count

from catalogue.models import Cluster

#: A shared network or place says more than a common vertical, less than a rare one.
NETWORK_SCORE, REGION_SCORE, COUNTRY_SCORE = 40, 30, 15


@dataclass(frozen=True)
class Similar:
    """A published cluster and why it is shown."""

    cluster: Cluster
    reason: str


def similar_clusters(cluster: Cluster, limit: int = 4) -> list[Similar]:
    """Return at most ``limit`` published clusters that share terms, a network or the region.

    A shared term counts the more, the fewer published clusters have it (100 for the only other one,
    divided by the number of clusters). A common country alone makes no similarity.
    """
    own = [term.pk for term in cluster.terms.all()]
    links = Cluster.terms.through.objects.filter(term__in=own, cluster__status=Cluster.Status.PUBLISHED)
    terms: dict[int, int] = dict(links.order_by().values_list("term").annotate(Count("pk")))
    networks = [network.pk for network in cluster.networks.all()]
    keys = _best(cluster, terms, networks, limit)
    found = Cluster.objects.for_listing().in_bulk(keys)
    return [Similar(found[key], _reason(cluster, found[key], terms, set(networks))) for key in keys if key in found]


def _best(cluster: Cluster, terms: dict[int, int], networks: list[int], limit: int) -> list[int]:
    """Return the keys of the most similar clusters, best first, in one query.

    Points are added up over links and indexes alone. Only the few clusters with as many points as the
    last one shown are sorted by name, so that the wide rows of all others are never read.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    if terms:
        cases = " ".join("WHEN %s THEN %s" for _ in terms)
        parts.append(
            f"SELECT cluster_id, CASE term_id {cases} ELSE 0 END FROM catalogue_cluster_terms WHERE {_among('term_id', terms)}"  # noqa: S608 - placeholders only
        )
        parameters += [value for key, number in terms.items() for value in (key, max(2, 200 // max(number, 1)))]
        parameters += terms
    if networks:
        parts.append(
            f"SELECT DISTINCT cluster_id, {NETWORK_SCORE} FROM catalogue_network_clusters WHERE {_among('network_id', networks)}"  # noqa: S608 - placeholders only
        )
        parameters += networks
    if cluster.region_id:
        parts.append("SELECT id, 0 FROM catalogue_cluster WHERE region_id = %s")
        parameters.append(cluster.region_id)
    if not parts:
        return []
    others = Cluster.objects.published().exclude(pk=cluster.pk).order_by().values_list("id", "country_id", "region_id")
    visible, visible_parameters = others.query.sql_with_params()
    sql = f"""
WITH points (cluster_id, score) AS ({" UNION ALL ".join(parts)}),
scored (id, score) AS (
  SELECT v.id, SUM(p.score) + MAX(CASE WHEN v.region_id = %s THEN {REGION_SCORE} WHEN v.country_id = %s THEN {COUNTRY_SCORE} ELSE 0 END)
  FROM points p JOIN ({visible}) v ON v.id = p.cluster_id GROUP BY v.id
)
SELECT s.id FROM scored s JOIN catalogue_cluster c ON c.id = s.id
WHERE s.score >= COALESCE((SELECT score FROM scored ORDER BY score DESC LIMIT 1 OFFSET %s), 0)
ORDER BY s.score DESC, c.sort_name, c.slug LIMIT %s"""  # noqa: S608 - constants and what the ORM wrote
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, cluster.region_id, cluster.country_id, *visible_parameters, limit - 1, limit])
        return [key for (key,) in cursor.fetchall()]


def _among(column: str, keys: Collection[int]) -> str:
    return f"{column} IN ({', '.join(['%s'] * len(keys))})"


def _reason(cluster: Cluster, other: Cluster, terms: dict[int, int], networks: set[int]) -> str:
    parts = []
    shared = sorted((term for term in other.terms.all() if term.pk in terms), key=lambda term: terms[term.pk])
    if shared:
        names = [term.name for term in shared[:3]]
        more = f" and {len(shared) - 3} more" if len(shared) > 3 else ""
        parts.append("both work on " + _listed(names, more))
    common = sorted(network.name for network in other.networks.all() if network.pk in networks)
    if common:
        parts.append("both belong to " + _listed(common, ""))
    if cluster.region_id and other.region_id == cluster.region_id and cluster.region:
        parts.append(f"both are in {cluster.region.name}")
    elif other.country_id == cluster.country_id:
        parts.append(f"both are in {cluster.country.name}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _listed(names: list[str], more: str) -> str:
    if more or len(names) == 1:
        return ", ".join(names) + more
    return ", ".join(names[:-1]) + " and " + names[-1]
