"""The export by hand: one statement for all rows with what hangs on them, streamed as CSV."""
# ruff: noqa: S608 - joined from constants; values are parameters

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.utils import timezone

from bench import sql
from bench.limit_tables import VOCABULARIES
from catalogue.exports.columns import columns
from catalogue.map.cluster_map import PLACE_CREDIT
from spreadsheets.writer import csv_cell

_BATCH = 500
_VALID = "c.quality_label <> 'none' AND c.quality_expires_on >= %s"
_LIST = "string_agg(t.name, '; ' ORDER BY t.sort_name, t.slug) FILTER (WHERE t.vocabulary = '{name}') AS {name}"
_COLUMNS = f"""
  c.public_id, c.slug, c.name, c.acronym, c.former_names, c.country_id, n.name, r.name, r.slug,
  CASE WHEN c.precision = 'country' THEN '' ELSE c.place END,
  CASE WHEN c.precision = 'country' THEN '' ELSE c.place_local_name END,
  c.latitude::float8, c.longitude::float8, c.precision, {", ".join(f"terms.{name}" for name in VOCABULARIES)},
  (SELECT string_agg(w.name, '; ' ORDER BY w.sort_name, w.slug) FROM catalogue_network_clusters l
     JOIN catalogue_network w ON w.id = l.network_id WHERE l.cluster_id = c.id),
  c.is_priority, c.core_cybersecurity, c.members, c.members_qualifier, c.members_as_of, c.members_sme, c.members_large,
  c.members_research, c.members_public, c.staff::float8, c.founded,
  CASE WHEN {_VALID} THEN initcap(c.quality_label) END, CASE WHEN {_VALID} THEN c.quality_expires_on END,
  c.summary, c.description, c.benefits,
  (SELECT string_agg(m.name, '; ' ORDER BY m.sort_name, m.code) FROM catalogue_cluster_target_markets l
     JOIN catalogue_country m ON m.code = l.country_id WHERE l.cluster_id = c.id),
  c.website, c.email, c.phone, c.confirmed_on, %s || c.slug || '/',
  CASE WHEN c.latitude IS NULL THEN '' ELSE %s END"""
_TERMS = f"""
  LEFT JOIN LATERAL (SELECT {", ".join(_LIST.format(name=name) for name in VOCABULARIES)}
    FROM catalogue_cluster_terms l JOIN catalogue_term t ON t.id = l.term_id WHERE l.cluster_id = c.id) terms ON true"""


def statement(query: QueryDict, base: str) -> sql.Statement:
    """Return all rows of a filter, column by column."""
    found, today = sql.where(sql.conditions(query)), timezone.localdate()
    order = sql.ORDERS[query.get("sort") or "name"]
    return sql.Statement(
        f"SELECT {_COLUMNS} FROM (SELECT c.id, row_number() OVER (ORDER BY {order}) AS place FROM limit_cluster c"
        f" WHERE {found.sql}) f JOIN catalogue_cluster c ON c.id = f.id JOIN catalogue_country n ON n.code = c.country_id"
        f" LEFT JOIN catalogue_region r ON r.id = c.region_id{_TERMS} ORDER BY f.place",
        [today, today, f"{base}/clusters/", PLACE_CREDIT, *found.parameters],
    )


def export(request: HttpRequest) -> StreamingHttpResponse:
    """Give out the file, a batch of rows at a time."""
    base = f"{request.scheme}://{request.get_host()}"
    return StreamingHttpResponse(_lines(statement(request.GET, base)), content_type="text/csv; charset=utf-8")


def _lines(found: sql.Statement) -> Iterator[str]:
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield "\ufeff" + writer.writerow([column.name for column in columns("")])
    with connection.chunked_cursor() as cursor:
        cursor.execute(found.sql, found.parameters)
        while batch := cursor.fetchmany(_BATCH):
            for row in batch:
                yield writer.writerow(
                    [csv_cell(_joined(value) if place == 4 else value) for place, value in enumerate(row)]
                )


class _Echo:
    def write(self, text: str) -> str:
        return text


def _joined(lines: str) -> Any:
    return "; ".join(line.strip() for line in lines.splitlines() if line.strip())
