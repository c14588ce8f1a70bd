"""Published clusters that a proposed one may be: "search first" of the public form.

Only what everybody may see is searched, counted and weighed: nothing here reveals that an unpublished
cluster exists.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyroaring import BitMap

from catalogue.index.catalogue_index import current_index
from catalogue.models import Cluster
from catalogue.search.text import words

#: Shorter beginnings of a name find half the catalogue.
MIN_LETTERS = 3
MOST = 5


@dataclass(frozen=True)
class PublicDuplicate:
    """A published cluster, and why it came up."""

    slug: str
    name: str
    acronym: str
    country: str
    place: str
    url: str
    reason: str


def public_duplicates(
    *, name: str, acronym: str = "", country: str = "", website: str = "", is_typing: bool = False
) -> list[PublicDuplicate]:
    """Return at most ``MOST`` published clusters like the one described, the likeliest first.

    ``is_typing`` says that the name may be unfinished: then clusters whose words begin so count too.
    """
    name, acronym = (" ".join(text.replace("\0", "").split()) for text in (name, acronym))
    if len(name) < MIN_LETTERS:
        return []
    reasons = _reasons(name, acronym, country, website)
    if is_typing and len(reasons) < MOST:
        _version, index = current_index()
        begun = index.published() - BitMap(reasons)
        for word in words(name)[:8]:
            begun &= index.names.beginning(word)
        reasons |= dict.fromkeys(index.page(begun, "name", 0, MOST - len(reasons)), "Its name has these words")
    rows = Cluster.objects.published().select_related("country").in_bulk(list(reasons))
    return [
        PublicDuplicate(
            slug=row.slug, name=row.name, acronym=row.acronym, country=row.country.name, place=row.place,
            url=row.get_absolute_url(), reason=reason,
        )
        for pk, reason in reasons.items()
        if (row := rows.get(pk))
    ]  # fmt: skip


def _reasons(name: str, acronym: str, country: str, website: str) -> dict[int, str]:
    from duplicates.finder import DuplicateFinder
    from duplicates.profiles import Candidate

    finder = DuplicateFinder(Cluster.objects.published())
    candidate = Candidate(name=name, acronym=acronym, country=country, website=website)
    return {match.cluster_id: ". ".join(match.reasons) for match in finder.matches(candidate, limit=MOST)}
