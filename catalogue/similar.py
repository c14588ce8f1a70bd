"""Clusters like a given one, each with the reason why."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Max, Q, Sum, Value, When

from catalogue.models import Cluster, Term

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
    terms = list(
        # By key, not by filter(clusters=…): the count below would use the same join and always be one.
        Term.objects.filter(pk__in=[term.pk for term in cluster.terms.all()]).annotate(
            published=Count("clusters__pk", filter=Q(clusters__status="published"), distinct=True)
        )
    )
    networks = {network.pk: network for network in cluster.networks.all()}
    links = Cluster.networks.through.objects.filter(network__in=networks)
    same_place = Q(region=cluster.region_id) if cluster.region_id else Q(pk__in=[])
    by_term = [When(terms=term.pk, then=Value(max(2, 200 // max(term.published, 1)))) for term in terms]
    place = [When(country=cluster.country_id, then=Value(COUNTRY_SCORE))]
    if cluster.region_id:
        place.insert(0, When(region=cluster.region_id, then=Value(REGION_SCORE)))
    found = (
        Cluster.objects.published()
        .exclude(pk=cluster.pk)
        .filter(Q(terms__in=terms) | same_place | Q(pk__in=links.values("cluster_id")))
        .annotate(
            score=(Sum(Case(*by_term, default=Value(0), output_field=IntegerField())) if by_term else Value(0))
            + Max(Case(*place, default=Value(0), output_field=IntegerField()))
            + Max(
                Case(
                    When(pk__in=links.values("cluster_id"), then=Value(NETWORK_SCORE)),
                    default=Value(0),
                    output_field=IntegerField(),
                )
            )
        )
        .order_by("-score", "sort_name", "slug")
        .for_listing()
    )
    mine = {term.pk: term.published for term in terms}
    return [Similar(other, _reason(cluster, other, mine, set(networks))) for other in found[:limit]]


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
