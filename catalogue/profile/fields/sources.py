"""Where all the others are from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from catalogue.api.parts import FactSourceSerializer
from catalogue.models import Cluster, FactSource
from catalogue.profile.declaration import LAST, ApiKey, Column, ProfileField

if TYPE_CHECKING:
    from catalogue.api.representation import Links


def _api_sources(row: Any, links: Links, today: date) -> list[dict[str, Any]]:
    return [
        {
            "field": source.field, "origin": source.origin, "label": source.label, "as_of": source.as_of or None,
            "text": source.text,
        }
        for source in FactSource.objects.filter(cluster=row.pk).order_by("field")
    ]  # fmt: skip


def _column(cluster: Cluster) -> list[str]:
    from catalogue.profile.sources import source_texts  # which reads the labels of all fields

    return source_texts(list(cluster.fact_sources.all()))


FIELDS: tuple[ProfileField, ...] = (
    ProfileField(
        "sources", "Sources",
        api=(ApiKey(FactSourceSerializer(many=True), columns=(), value=_api_sources, order=350),),
        columns=(Column(
            "sources", "where the values are from, and of when (list of “field: source”)", _column, order=LAST + 3
        ),),
    ),
)  # fmt: skip
