"""Who a cluster is and where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from catalogue.api.parts import (
    ClusterReferenceSerializer,
    CountryReferenceSerializer,
    LocationSerializer,
    NamedSerializer,
)
from catalogue.models import Cluster
from catalogue.profile import html
from catalogue.profile.declaration import (
    LAST,
    ApiKey,
    Column,
    ComparisonRow,
    Fact,
    FormField,
    Kind,
    ProfileField,
    Property,
    Step,
)
from catalogue.profile.fields.values import as_float, column, lines

if TYPE_CHECKING:
    from catalogue.api.representation import Links

_COORDINATES = ("latitude", "longitude", "precision")
_SUCCESSOR = ("successor__status", "successor__public_id", "successor__slug", "successor__name")


def _place_column(name: str) -> Callable[[Cluster], str]:
    # The capital only represents a country there; naming it would say more than is known.
    return lambda cluster: "" if cluster.precision == Cluster.Precision.COUNTRY else getattr(cluster, name)


def _api_place(row: Any) -> str | None:
    """Return the town; of a mere country the place is its capital, which says nothing about the cluster."""
    return row.place if row.place and row.precision != Cluster.Precision.COUNTRY else None


def _api_location(row: Any, links: Links, today: date) -> dict[str, Any] | None:
    if row.latitude is None or row.longitude is None:
        return None
    return {
        "place": _api_place(row),
        "latitude": float(row.latitude),
        "longitude": float(row.longitude),
        "precision": row.precision,
    }


def _api_local_name(row: Any, links: Links, today: date) -> str:
    return row.place_local_name if row.latitude is not None and row.longitude is not None and _api_place(row) else ""


def _nuts_codes(cluster: Cluster) -> list[str]:
    return cluster.region.nuts.split(";") if cluster.region and cluster.region.nuts else []


def _api_successor(row: Any, links: Links, today: date) -> dict[str, Any] | None:
    if row.successor__status != Cluster.Status.PUBLISHED:
        return None
    return links.reference(row.successor__public_id, row.successor__slug, row.successor__name)


def _schema_address(cluster: Cluster) -> dict[str, str]:
    """Return a schema.org address; nothing for a cluster of which only "pan-European" is known."""
    address = {
        "@type": "PostalAddress",
        "addressCountry": cluster.country_id if cluster.country_id != "EU" else "",
    }
    if cluster.place_text and cluster.precision == Cluster.Precision.SEAT:
        address["addressLocality"] = cluster.place
    if cluster.region:
        address["addressRegion"] = cluster.region.name
    return {key: value for key, value in address.items() if value} if len(address) > 1 else {}


FIELDS: tuple[ProfileField, ...] = (
    ProfileField(
        "name", "Name",
        form=FormField(
            Step.WHO, Kind.TEXT, "Name of the cluster", is_required=True, order=20,
            help="In full, as the cluster writes it itself.", example="Alpine Photonics Cluster",
        ),
        headings=("cluster name", "cluster", "organisation", "organization", "organisation name", "organization name",
                  "title", "full name", "cluster organisation", "cluster organization", "name of cluster"),
        columns=(Column("name", "name", column("name"), order=10),),
    ),
    ProfileField(
        "acronym", "Acronym",
        form=FormField(Step.WHO, Kind.TEXT, help="If people know it by one.", example="APC", order=30),
        headings=("short name", "abbreviation", "cluster acronym"),
        fact=Fact(lambda c: c.acronym, order=10),
        api=(ApiKey(serializers.CharField(help_text="Empty if it has none."), in_rows=True, order=10),),
        columns=(Column("acronym", "acronym", column("acronym"), order=20),),
    ),
    ProfileField(
        "former_names", "Former names",
        form=FormField(Step.WHO, Kind.LONG, help="One per line, if it was renamed or merged.", order=40),
        headings=("former name", "previous name", "previous names", "old name", "formerly"),
        fact=Fact(lambda c: ", ".join(c.former_name_list), "Formerly", order=20),
        api=(ApiKey(
            serializers.ListField(child=serializers.CharField()), order=200,
            value=lambda row, links, today: [line.strip() for line in row.former_names.splitlines() if line.strip()],
        ),),
        columns=(Column("former_names", "former names (list)", column("former_name_list"), order=30),),
    ),
    ProfileField(
        "logo", "Logo",
        form=FormField(
            Step.WHAT, Kind.LOGO, help="PNG, JPEG or WebP, at most 1 MB and 2000 pixels on each side.", order=80
        ),
        api=(ApiKey(
            serializers.URLField(allow_null=True), "logo_url", ("logo",), order=270,
            value=lambda row, links, today: f"{links.page}{row.slug}/logo/" if row.logo else None,
        ),),
    ),
    ProfileField(
        "country", "Country",
        form=FormField(
            Step.WHO, Kind.COUNTRY, is_required=True, order=10,
            help="Where the cluster has its seat. Choose “Pan-European” if it belongs to no single country.",
        ),
        headings=("country code", "country name", "iso", "iso code", "iso country code", "nation", "land", "pays"),
        fact=Fact(lambda c: html.internal_link(c.country.get_absolute_url(), c.country.name), order=30),
        comparison=ComparisonRow(lambda c: (c.country.name,), order=10),
        api=(ApiKey(
            CountryReferenceSerializer(), columns=("country_id", "country__name"), in_rows=True, order=20,
            value=lambda row, links, today: {"code": row.country_id, "name": row.country__name},
        ),),
        columns=(
            Column("country_code", "ISO 3166-1 code, EU for pan-European", column("country_id"), order=40),
            Column("country", "name of the country", lambda c: c.country.name, order=50),
        ),
        schema_org=Property("address", _schema_address, order=40),
    ),
    ProfileField(
        "region", "Region",
        form=FormField(
            Step.MEMBERS, Kind.REGION, order=10,
            help="The smallest one that your cluster is for. If yours is not among them, tell us in the message at the end.",
        ),
        headings=("region slug", "region name", "nuts region", "nuts hint", "nuts 2", "province"),
        fact=Fact(lambda c: html.internal_link(c.region.get_absolute_url(), c.region.name) if c.region else "", order=40),
        comparison=ComparisonRow(lambda c: (c.region.name,) if c.region else (), order=20),
        api=(ApiKey(
            NamedSerializer(allow_null=True), columns=("region__slug", "region__name"), in_rows=True, order=30,
            value=lambda row, links, today:
                {"slug": row.region__slug, "name": row.region__name} if row.region__slug else None,
        ), ApiKey(
            serializers.ListField(child=serializers.CharField(), help_text=(
                "NUTS codes of the region (2021): of a smaller one that of the region around it, of a combined one "
                "those of its parts."
            )), "region_nuts", ("region__nuts",), order=205,
            value=lambda row, links, today: [code for code in (row.region__nuts or "").split(";") if code],
        )),
        columns=(
            Column("region", "name of the region", lambda c: c.region.name if c.region else "", order=60),
            Column("region_slug", "the region in addresses of filters", lambda c: c.region.slug if c.region else "", order=70),
            Column("region_nuts", "NUTS codes of the region (list)", _nuts_codes, order=LAST + 1),
        ),
    ),
    ProfileField(
        "place", "Place",
        form=FormField(Step.MEMBERS, Kind.TEXT, "Town", help="Where its office is.", example="Innsbruck", order=20),
        headings=("city", "town", "location", "seat", "headquarters", "municipality", "ort", "stadt", "ville"),
        comparison=ComparisonRow(lambda c: lines(c.place_text), order=30),
        api=(ApiKey(
            LocationSerializer(allow_null=True), "location", ("place", *_COORDINATES), _api_location,
            in_rows=True, order=140,
        ),),
        columns=(Column("place", "town; empty where only the country is known", _place_column("place"), order=80),),
    ),
    ProfileField(
        "place_local_name", "Town in its own language",
        form=FormField(Step.OFFICE, Kind.TEXT, order=10),
        headings=("local name", "place in its own language"),
        api=(ApiKey(
            serializers.CharField(help_text="The place in its own language where that differs."), order=210,
            columns=("place_local_name", "place", *_COORDINATES), value=_api_local_name,
        ),),
        columns=(
            Column("place_local_name", "town in its own language, if different", _place_column("place_local_name"), order=90),
        ),
    ),
    ProfileField(
        "latitude", "Latitude",
        form=FormField(Step.OFFICE, Kind.DECIMAL, help="Degrees north (WGS 84).", order=20),
        headings=("lat",),
        columns=(Column("latitude", "degrees north, WGS 84", lambda c: as_float(c.latitude), order=100),),
    ),
    ProfileField(
        "longitude", "Longitude",
        form=FormField(Step.OFFICE, Kind.DECIMAL, help="Degrees east (WGS 84).", order=30),
        headings=("lon", "lng", "long"),
        columns=(Column("longitude", "degrees east, WGS 84", lambda c: as_float(c.longitude), order=110),),
    ),
    ProfileField(
        "precision", "Precision of the place",
        form=FormField(Step.OFFICE, Kind.CHOICE, order=40),
        headings=("place precision",),
        columns=(Column("precision", "seat, region or country: how well the place is known", column("precision"), order=120),),
    ),
    ProfileField(
        "successor", "Successor",
        api=(ApiKey(
            ClusterReferenceSerializer(
                allow_null=True, help_text="The published cluster that goes on with this one's work."
            ),
            columns=_SUCCESSOR, value=_api_successor, order=340,
        ),),
    ),
)  # fmt: skip
