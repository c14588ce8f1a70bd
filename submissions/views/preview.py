"""The profile as it will look if everything is accepted, and what would help people to find it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.utils import timezone

from catalogue.models import Cluster, Country, Network, ShowcaseItem, SocialLink, Term
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS, Kind
from submissions.fields.values import Values, read_values, write_values
from submissions.models import Submission
from submissions.services.dependent_fields import relocation_effects
from submissions.views.progress import section_of

#: What is missed most where it is empty, and why.
WANTED = {
    "verticals": "most visitors choose a vertical market first",
    "region": "people who look for a region do not see it",
    "place": "on the map it is in its country, but nobody knows where",
    "website": "nobody can read more",
    "email": "nobody can write to it",
    "members": "it is left out wherever somebody chooses a size",
}


class Gap(NamedTuple):
    """An empty field: why it matters and where it is filled in."""

    label: str
    reason: str
    url: str


def preview(submission: Submission, choices: Choices) -> Cluster:
    """Return the cluster as it would be, to be shown and never saved.

    A correction is laid over the profile of today. The proposed logo is left out: its file is the draft's.
    """
    found = Cluster.objects.for_profile().filter(pk=submission.target_id).first() if submission.target_id else None
    cluster = found or Cluster(pk=0, name=submission.name, country_id=submission.country_id)
    values: Values = {name: value for name, value in submission.payload.items() if name in BY_NAME}
    if values.get("region") not in choices.regions:
        values.pop("region", None)  # staff took it away since
    if "country" in values and not values["country"]:
        del values["country"]
    if found is not None:
        values |= relocation_effects(cluster, values)
    write_values(cluster, values, choices)
    cluster.confirmed_on = timezone.localdate()
    lists = {
        "terms": Term.objects.filter(pk__in=_terms(cluster, values, choices)),
        "target_markets": Country.objects.filter(code__in=_items(values, "target_markets")),
        "networks": Network.objects.filter(slug__in=_items(values, "networks")),
    }
    # Where the profile looks for lists that were fetched with the cluster.
    fetched = cluster.__dict__.setdefault("_prefetched_objects_cache", {})
    if found is None:
        fetched |= {**lists, "showcase_items": ShowcaseItem.objects.none(), "social_links": SocialLink.objects.none()}
    else:
        fetched |= {name: rows for name, rows in lists.items() if name == "terms" or name in values}
    return cluster


def gaps(cluster: Cluster, submission: Submission, url_of: Callable[[str], str]) -> list[Gap]:
    """Return what :func:`preview` still lacks to be found; ``url_of`` returns the address of a step."""
    values = read_values(cluster, WANTED)
    return [
        Gap(spec.label, WANTED[spec.name], f"{url_of(section_of(submission.kind, spec.step))}#id_{spec.name}")
        for spec in (BY_NAME[name] for name in WANTED)
        if values[spec.name] in (spec.empty, None, "")
    ]


def _terms(cluster: Cluster, values: Values, choices: Choices) -> set[int]:
    """Return the keys of the terms proposed, and of those in vocabularies about which nothing is proposed."""
    proposed = {spec.vocabulary: spec.name for spec in FIELDS if spec.kind == Kind.TERMS and spec.name in values}
    kept = {term.pk for term in cluster.terms.all() if term.vocabulary not in proposed} if cluster.pk else set()
    chosen = {
        choices.keys.get((vocabulary, slug), 0)
        for vocabulary, name in proposed.items()
        for slug in _items(values, name)
    }
    return kept | chosen


def _items(values: Values, name: str) -> Iterable[str]:
    value = values.get(name)
    return value if isinstance(value, list) else []
