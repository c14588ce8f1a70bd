"""A recount of facets that knows nothing of SQL, and random filters for it."""

from collections import Counter
from datetime import date
from typing import Any

from hypothesis import strategies as st

from catalogue.listing.declared import FACETS
from catalogue.models import Cluster, Network, Term


def recount(chosen: dict[str, Any]) -> dict[str, Counter]:
    """Count every facet by hand: each against all other filters."""
    rows = [
        {
            "country": {cluster.country_id},
            "region": {cluster.region.slug} if cluster.region else set(),
            "network": {network.slug for network in cluster.networks.all()},
            "priority": {"true" if cluster.is_priority else "false"},
            "members": cluster.members,
            "confirmed_on": cluster.confirmed_on,
            **{
                vocabulary: {term.slug for term in cluster.terms.all() if term.vocabulary == vocabulary}
                for vocabulary in Term.Vocabulary.values
            },
        }
        for cluster in Cluster.objects.filter(status="published")
        .select_related("region")
        .prefetch_related("terms", "networks")
    ]

    def fits(row: dict[str, Any], leave_out: str) -> bool:
        for name, wanted in chosen.items():
            if name == leave_out:
                continue
            if name == "members_min":
                if row["members"] is None or row["members"] < wanted:
                    return False
            elif name == "confirmed_since":
                if row["confirmed_on"] is None or row["confirmed_on"] < wanted:
                    return False
            elif not row[name] & set(wanted if isinstance(wanted, list) else [wanted]):
                return False
        return True

    counts: dict[str, Counter] = {}
    for facet in FACETS:
        counts[facet] = Counter(value for row in rows if fits(row, facet) for value in row[facet])
    counts["total"] = Counter("x" for row in rows if fits(row, ""))
    return counts


def queries() -> st.SearchStrategy[dict[str, Any]]:
    published = Cluster.objects.filter(status="published")
    values = {
        "country": sorted(set(published.values_list("country_id", flat=True))),
        "region": sorted({slug for slug in published.values_list("region__slug", flat=True) if slug}),
    }
    for vocabulary in Term.Vocabulary.values:
        values[vocabulary] = sorted(Term.objects.filter(vocabulary=vocabulary).values_list("slug", flat=True))
    several = {
        name: st.lists(st.sampled_from(found), min_size=1, max_size=3, unique=True)
        for name, found in values.items()
        if found
    }
    return st.fixed_dictionaries(
        {},
        optional={
            **several,
            "network": st.sampled_from(sorted(Network.objects.values_list("slug", flat=True))),
            "priority": st.sampled_from(["true", "false"]),
            "members_min": st.integers(0, 1000),
            "confirmed_since": st.dates(date(2015, 1, 1), date(2027, 12, 31)),
        },
    )
