"""What the finder compares: clusters and proposed ones, prepared once for many comparisons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from catalogue.domains import mail_domain_of, website_domain
from catalogue.models import Cluster
from catalogue.search.text import fold
from duplicates.names import Name, parse, squash, stated_acronyms


@dataclass(frozen=True)
class Candidate:
    """What is known of a proposed cluster; everything but the name may be missing."""

    name: str
    acronym: str = ""
    former_names: tuple[str, ...] = ()
    country: str = ""
    place: str = ""
    website: str = ""
    email: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @classmethod
    def of_values(cls, values: Mapping[str, Any]) -> Candidate:
        """Return what values of the form say about who the cluster is."""

        def text(name: str) -> str:
            return str(values.get(name) or "")

        def degrees(name: str) -> float | None:
            try:
                return float(text(name))
            except ValueError:  # nothing, or no number
                return None

        return cls(
            name=text("name"), acronym=text("acronym"), former_names=tuple(filter(None, text("former_names").splitlines())),
            country=text("country"), place=text("place"), website=text("website"), email=text("email"),
            latitude=degrees("latitude"), longitude=degrees("longitude"),
        )  # fmt: skip

    @classmethod
    def of_cluster(cls, cluster: Cluster) -> Candidate:
        """Return what a profile says; the place of one of which only the country is known is left out."""
        left_out = ("place", "latitude", "longitude") if cluster.precision == Cluster.Precision.COUNTRY else ()
        names = ("name", "acronym", "former_names", "place", "website", "email", "latitude", "longitude")
        values = {name: getattr(cluster, name) for name in names if name not in left_out}
        return cls.of_values({**values, "country": cluster.country_id})


@dataclass(frozen=True)
class Known:
    """A cluster as the finder holds it: the candidate's fields with an id, and how well its place is known."""

    id: int
    candidate: Candidate
    precision: str = ""
    #: Further words of the place: region and country.
    around: str = ""


class Profile:
    """A candidate or cluster, prepared for comparing."""

    __slots__ = ("acronyms", "domain", "email", "given", "given_acronym", "id", "mail_domain", "names", "place", "point", "short")  # fmt: skip

    def __init__(self, given: Candidate, *, id: int = 0, precision: str = "") -> None:
        self.id = id
        self.given = given
        names = [parse(text) for text in (given.name, *given.former_names)]
        self.names: list[Name] = [name for name in names if name.words]
        self.acronyms: frozenset[str] = stated_acronyms(given.name, given.acronym)
        self.given_acronym = squash(given.acronym)
        core = self.names[0].core if self.names else ()
        #: The name, if it may be no more than an acronym.
        self.short = "".join(core) if len(core) <= 2 and len("".join(core)) <= 14 else ""
        self.domain = website_domain(given.website)
        self.mail_domain = mail_domain_of(given.email)
        self.email = given.email.strip().lower()
        is_known_place = precision != Cluster.Precision.COUNTRY
        self.place = fold(given.place).strip() if is_known_place else ""
        has_point = is_known_place and given.latitude is not None and given.longitude is not None
        self.point = (float(given.latitude or 0), float(given.longitude or 0)) if has_point else None

    def kilometres_to(self, other: Profile) -> float | None:
        """Return the distance, or None where a place is unknown."""
        if not self.point or not other.point:
            return None
        (north, east), (to_north, to_east) = self.point, other.point
        east_west = (to_east - east) * math.cos(math.radians((north + to_north) / 2))
        return 111.2 * math.hypot(to_north - north, east_west)


def load_known(clusters: QuerySet[Cluster]) -> list[Known]:
    """Return ``clusters`` as a finder holds them: one query."""
    rows = clusters.order_by("pk").values_list(
        "pk", "name", "acronym", "former_names", "country_id", "place", "website", "email", "latitude", "longitude",
        "precision", "region__name", "country__name",
    )  # fmt: skip
    return [
        Known(
            id=row[0],
            candidate=Candidate(
                name=row[1], acronym=row[2], former_names=tuple(filter(None, row[3].splitlines())),
                country=row[4], place=row[5], website=row[6], email=row[7],
                latitude=None if row[8] is None else float(row[8]),
                longitude=None if row[9] is None else float(row[9]),
            ),
            precision=row[10],
            around=f"{row[11] or ''} {row[12]}",
        )
        for row in rows
    ]  # fmt: skip
