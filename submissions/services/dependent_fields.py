"""Fields that depend on another one: refused with it, or changed with it on the profile."""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz.distance import OSA, Levenshtein

from catalogue.models import Cluster
from catalogue.search.text import sort_key, words
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import Value, Values, as_json

#: The field on which each of these depends: it says nothing without it.
LEADERS: dict[str, str] = {
    "members_qualifier": "members",
    "members_as_of": "members",
    "quality_evidence": "quality_label",
    "quality_expires_on": "quality_label",
    "longitude": "latitude",
    "precision": "latitude",
}
#: What was found out for a town and says nothing of another.
OF_THE_TOWN = ("place_local_name", "latitude", "longitude", "precision")
#: From this likeness on, two names are spellings of one town.
_ONE_TOWN = 0.75


def leader_of(name: str) -> str:
    """Return the label of the field that ``name`` goes with; empty for those that depend on none."""
    return BY_NAME[LEADERS[name]].label if name in LEADERS else ""


def relocation_effects(cluster: Cluster, values: Mapping[str, Value]) -> Values:
    """Return what local name, coordinates and precision become when ``values`` give ``cluster`` another town.

    Known from another cluster in that town, else empty: the map shows no place that nobody looked up. What
    ``values`` say themselves stays, and another spelling of the town changes nothing.
    """
    town = str(values.get("place", cluster.place) or "")
    country = str(values.get("country", cluster.country_id) or "")
    has_moved = country != (cluster.country_id or "") or not is_one_town(cluster.place, town)
    if not has_moved or ("place" not in values and "country" not in values):
        return {}
    known = _known_place(town, country) if town else None
    # Coordinates that come along count as a whole, even where a part of them is what it was.
    names = ("place_local_name",) if values.keys() & {"latitude", "longitude", "precision"} else OF_THE_TOWN
    return {
        name: as_json(BY_NAME[name], getattr(known, name)) if known else BY_NAME[name].empty
        for name in names
        if name not in values
    }


def rename_effects(cluster: Cluster, values: Mapping[str, Value]) -> Values:
    """Return what the former names become when ``values`` rename ``cluster``: the name it had is added.

    Nothing where ``values`` say the former names themselves, or where the name is only written otherwise.
    """
    name = str(values.get("name") or "")
    if not name or not cluster.name or "former_names" in values or is_one_name(cluster.name, name):
        return {}
    names = [*cluster.former_name_list, cluster.name]
    # A name that comes back is no former one any more.
    former_names = dict.fromkeys(former for former in names if sort_key(former) != sort_key(name))
    return {"former_names": "\n".join(former_names)}


def is_one_name(one: str, other: str) -> bool:
    """Return whether two names differ in case, punctuation or spelling only, word by word.

    Another number is another name: "Bio 2" is not "Bio 3".
    """
    mine, yours = ([word for word in words(name) if word != "and"] for name in (one, other))
    if "".join(mine) == "".join(yours):
        return bool(mine) or one == other
    return len(mine) == len(yours) and all(map(_is_one_word, mine, yours))


def _is_one_word(one: str, other: str) -> bool:
    """Return whether one of two words is a slip of the other; in short words a letter makes another word."""
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if shorter < 5 or one[0] != other[0] or not (one.isalpha() and other.isalpha()):
        return False
    return OSA.distance(one, other) <= (1 if shorter < 9 else 2)


def is_one_town(one: str, other: str) -> bool:
    """Return whether two names may be spellings of one town ("Donostia", "Donostia-San Sebastián")."""
    mine, yours = sort_key(one), sort_key(other)
    if mine == yours:
        return True
    if not mine or not yours:
        return False
    shared = set(mine.split()) & set(yours.split())
    return any(len(word) > 3 for word in shared) or Levenshtein.normalized_similarity(mine, yours) >= _ONE_TOWN


def _known_place(town: str, country: str) -> Cluster | None:
    rows = Cluster.objects.filter(
        country=country, place__iexact=town, precision=Cluster.Precision.SEAT, latitude__isnull=False
    )
    return rows.order_by("pk").first()
