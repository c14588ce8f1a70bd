"""The version of the catalogue: what the database writes down about every change, and how it is read.

Triggers write a row for each statement that changes a watched table, in the same transaction. Which rows a reader sees
is therefore exactly which changes it sees. The version is made of the random numbers of these rows, so that it never
comes twice: not after a rolled-back transaction, nor after an old backup was restored and changed in another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "catalogue_cataloguechange"
#: Half of a number; the halves are added apart, since SQLite refuses sums beyond 63 bits.
HALF = 1 << 31
#: What a change may be of, instead of ids of clusters.
EVERYTHING, SHARED = "*", ""
#: More changed clusters than this count as a change of everything; SQLite writes a row for each all the same.
MOST = 1000

#: Tables that public answers are made of, with the column that says which cluster a row is about; without one, a row
#: is about all of them.
WATCHED: dict[str, str | None] = {
    "catalogue_cluster": "id",
    "catalogue_cluster_terms": "cluster_id",
    "catalogue_cluster_target_markets": "cluster_id",
    "catalogue_network_clusters": "cluster_id",
    "catalogue_showcaseitem": "cluster_id",
    "catalogue_sociallink": "cluster_id",
    "catalogue_oldslug": "cluster_id",
    "catalogue_clusterfigure": "cluster_id",
    "catalogue_factsource": "cluster_id",
    "catalogue_country": None,
    "catalogue_region": None,
    "catalogue_term": None,
    "catalogue_network": None,
    "catalogue_synonym": None,
    "catalogue_embedorigin": None,
    "consortium_project": None,
    "consortium_partner": None,
    "consortium_page": None,
}


class Version(NamedTuple):
    """Which changes a reader sees, as two sums of random numbers."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.high:08x}{self.low:08x}"


class Change(NamedTuple):
    """One change: its random number and the ids of its clusters, ``EVERYTHING`` or ``SHARED``."""

    token: int
    clusters: str


#: A random number of 62 bits in SQL, by the name of the database.
_RANDOM = {
    "postgresql": "('x' || md5(gen_random_uuid()::text))::bit(64)::bigint & 4611686018427387903",
    "sqlite": "random() & 4611686018427387903",
}
_pinned: ContextVar[Version | None] = ContextVar("version", default=None)
_VERSION = f"SELECT COALESCE(SUM(token & {HALF - 1}), 0), COALESCE(SUM(token >> 31), 0), COUNT(*) FROM {TABLE}"  # noqa: S608


@contextmanager
def pinned_version() -> Iterator[Version]:
    """Let everything within see the version of its beginning: a request asks for it once."""
    token = _pinned.set(current_version())
    try:
        yield _pinned.get()  # type: ignore[misc]
    finally:
        _pinned.reset(token)


def current_version() -> Version:
    """Return the version that this connection sees now: one small query, unless it is pinned."""
    if (pinned := _pinned.get()) is not None:
        return pinned
    with connection.cursor() as cursor:
        cursor.execute(_VERSION)
        low, high, count = cursor.fetchone()
    if not count:
        # An emptied table, as after a flush, must not look like another emptied one.
        note_change(EVERYTHING)
        return current_version()
    return Version(int(low) % HALF, int(high) % HALF)


def visible_changes() -> list[Change]:
    """Return the changes that this connection sees since they were joined last."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT token, clusters FROM {TABLE}")  # noqa: S608 - a constant
        return [Change(*row) for row in cursor.fetchall()]


def note_change(clusters: str = EVERYTHING) -> None:
    """Write down a change that no trigger can see."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (token, clusters) VALUES ({_RANDOM[connection.vendor]}, %s)", [clusters])  # noqa: S608


def join_changes(least: int = 200) -> int:
    """Put the changes into one row with the same sums, so that the version stays, and return how many there were.

    Nothing is done below ``least`` rows. Readers that know all of them see from the sum that nothing is new.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_VERSION)
        if cursor.fetchone()[2] < least:
            return 0
        # What is deleted is what is summed: rows that others insert now are not seen, and stay.
        cursor.execute(f"DELETE FROM {TABLE} RETURNING token")  # noqa: S608 - a constant
        tokens = [row[0] for row in cursor.fetchall()]
        joined = joined_token(tokens)
        if tokens:
            cursor.execute(f"INSERT INTO {TABLE} (token, clusters) VALUES (%s, %s)", [joined, EVERYTHING])  # noqa: S608
    return len(tokens)


def joined_token(tokens: Iterable[int]) -> int:
    """Return the number of the one row that means the same as rows with these ``tokens``."""
    numbers = list(tokens)
    low = sum(token & (HALF - 1) for token in numbers) % HALF
    high = sum(token >> 31 for token in numbers) % HALF
    return (high << 31) | low


# --- triggers ---


def install_triggers(db: BaseDatabaseWrapper = connection) -> None:
    """Create the triggers that are absent: after every ``migrate``, since altered tables of SQLite lose theirs."""
    existing = set(db.introspection.table_names())
    if TABLE not in existing:
        return
    tables = {table: column for table, column in WATCHED.items() if table in existing}
    statements = _postgresql(tables) if db.vendor == "postgresql" else _sqlite(tables)
    with db.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite(tables: dict[str, str | None]) -> Iterable[str]:
    for table, column in tables.items():
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
            keys = " || ',' || ".join(f'{row}."{column}"' for row in rows) if column else "''"
            insert = f"INSERT INTO {TABLE} (token, clusters) VALUES ({_RANDOM['sqlite']}, {keys})"  # noqa: S608 - names alone
            yield f'CREATE TRIGGER IF NOT EXISTS "{table}_{event.lower()}_noted" AFTER {event} ON "{table}" BEGIN {insert}; END'


def _postgresql(tables: dict[str, str | None]) -> Iterable[str]:
    yield f"""
CREATE OR REPLACE FUNCTION catalogue_note_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  keys text;
  number bigint;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    keys := '{EVERYTHING}';
  ELSIF TG_ARGV[0] = '' THEN
    keys := '{SHARED}';
    IF TG_OP = 'DELETE' THEN
      PERFORM 1 FROM old_rows LIMIT 1;
    ELSE
      PERFORM 1 FROM new_rows LIMIT 1;
    END IF;
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
  ELSE
    IF TG_OP = 'INSERT' THEN
      EXECUTE format('SELECT count(DISTINCT %1$I), string_agg(DISTINCT %1$I::text, '','') FROM new_rows', TG_ARGV[0])
        INTO number, keys;
    ELSIF TG_OP = 'DELETE' THEN
      EXECUTE format('SELECT count(DISTINCT %1$I), string_agg(DISTINCT %1$I::text, '','') FROM old_rows', TG_ARGV[0])
        INTO number, keys;
    ELSE
      EXECUTE format('SELECT count(DISTINCT k), string_agg(DISTINCT k::text, '','') FROM (SELECT %1$I AS k FROM new_rows UNION SELECT %1$I FROM old_rows) rows', TG_ARGV[0])
        INTO number, keys;
    END IF;
    IF number = 0 THEN
      RETURN NULL;
    END IF;
    IF number > {MOST} THEN
      keys := '{EVERYTHING}';
    END IF;
  END IF;
  INSERT INTO {TABLE} (token, clusters) VALUES ({_RANDOM["postgresql"]}, keys);
  RETURN NULL;
END $$"""  # noqa: S608
    for table, column in tables.items():
        for event, rows in (
            ("INSERT", "REFERENCING NEW TABLE AS new_rows"),
            ("UPDATE", "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("DELETE", "REFERENCING OLD TABLE AS old_rows"),
            ("TRUNCATE", ""),
        ):
            name = f"{table}_{event.lower()}_noted"
            yield f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = '{name}' AND tgrelid = '{table}'::regclass) THEN
    CREATE TRIGGER {name} AFTER {event} ON {table} {rows} FOR EACH STATEMENT EXECUTE FUNCTION catalogue_note_change('{column or ""}');
  END IF;
END $$"""
