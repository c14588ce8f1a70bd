"""What apps move with a merge: in which order they are asked, and in which order rows are locked."""

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Cluster, Network, OldSlug, ShowcaseItem, SocialLink
from duplicates.merging.comparison import Comparison
from duplicates.merging.providers import providers
from duplicates.merging.services import merge, rows_to_move
from duplicates.merging.undo import undo, undo_blockers
from duplicates.models import ClusterMerge
from imports.models import ImportRow, SpreadsheetImport
from publicforms import links
from publicforms.models import LinkToken
from quality.models import FreshnessRequest, QualityFinding
from submissions.models import ClusterEditor, Submission
from tests.factories.catalogue import ClusterFactory, NetworkFactory
from tests.factories.submissions import accept_all, update_of

pytestmark = pytest.mark.django_db

#: The documented order of locks (``catalogue/locking.py``) by table; what is not named here comes last.
MERGE, SUBMISSION, CLUSTER = (model._meta.db_table for model in (ClusterMerge, Submission, Cluster))
RANKS = {MERGE: 1, SUBMISSION: 2, CLUSTER: 3}
LAST = 4


class Guests:
    """A provider of another app, which keeps its rows in memory and writes down how it is called."""

    label = "guests"

    def __init__(self, calls: list[str], name: str = "guests", order: int = 65) -> None:
        self.calls, self.name, self.order = calls, name, order
        self.of: dict[str, int] = {}

    def _called(self, what: str) -> None:
        self.calls.append(f"{what} {self.name}")

    def keys_to_lock(self, source: Cluster) -> set[Any]:
        return {who for who, pk in self.of.items() if pk == source.pk}

    def lock(self, keys: Collection[Any]) -> None:
        self._called(f"lock {' '.join(sorted(keys))}")

    def count(self, source: Cluster) -> int:
        return len(self.keys_to_lock(source))

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[dict[str, Any]]:
        self._called("move")
        moved = [{"pk": who, "from": source.pk} for who, pk in self.of.items() if pk == source.pk]
        self.of.update({record["pk"]: target.pk for record in moved})
        return moved

    def changed(self, records: list[dict[str, Any]]) -> list[str]:
        return [f"guest {record['pk']} left." for record in records if record["pk"] not in self.of]

    def undo(self, records: list[dict[str, Any]], *, reason: str) -> None:
        self._called("undo")
        self.of.update({record["pk"]: record["from"] for record in records})


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a registry that can be added to, and a list for what is called."""
    monkeypatch.setattr(providers, "_entries", dict(providers._entries))
    return []


def test_provider_of_another_app_moves_its_rows_and_takes_them_back(calls: list[str]) -> None:
    guests = Guests(calls)
    providers.register(guests)
    target, source = ClusterFactory(), ClusterFactory()
    guests.of = {"ada": source.pk, "ben": target.pk}
    assert ("guests", 1) in rows_to_move(source)

    log = merge(target=target, source=source, by=None, reason="One.")
    assert guests.of == {"ada": target.pk, "ben": target.pk}
    undo(merge=log, by=None)
    assert guests.of == {"ada": source.pk, "ben": target.pk}

    log = merge(target=target, source=source, by=None, reason="One.")
    del guests.of["ada"]
    assert undo_blockers(log) == ["guest ada left."]


def test_provider_with_the_name_of_another_is_refused_and_the_same_one_is_not(calls: list[str]) -> None:
    guests = Guests(calls)
    providers.register(guests)
    providers.register(guests)

    with pytest.raises(ValueError, match="Two merge providers have the name 'guests'"):
        providers.register(Guests(calls))


def test_providers_are_asked_by_their_order_whenever_they_were_registered(calls: list[str]) -> None:
    late, early = Guests(calls, "late guests", 65), Guests(calls, "early guests", 55)
    providers.register(late)
    providers.register(early)
    target, source = ClusterFactory(), ClusterFactory()
    late.of, early.of = {"ada": source.pk}, {"ben": source.pk, "cid": source.pk}
    ClusterEditor.objects.create(cluster=source, email="ada@c.example")
    update_of(source, place="Graz")
    links.issue("edit", subject=source, email="ada@c.example")
    counted = [("editors", 1), ("guests", 2), ("submissions", 1), ("guests", 1), ("links in mailboxes", 1)]

    assert rows_to_move(source) == counted
    assert Comparison.of(target, source, {}).moves == counted

    log = merge(target=target, source=source, by=None, reason="One.")
    assert [part["provider"] for part in log.moved] == [
        "editors",
        "early guests",
        "submissions",
        "late guests",
        "links",
    ]
    assert calls == ["lock ben cid early guests", "lock ada late guests", "move early guests", "move late guests"]

    calls.clear()
    log.moved = log.moved[::-1]  # whatever the order was when it was logged
    log.save()
    undo(merge=log, by=None)
    assert calls == ["lock ben cid early guests", "lock ada late guests", "undo early guests", "undo late guests"]


def test_merge_that_finds_new_rows_once_it_holds_the_clusters_locks_again(calls: list[str]) -> None:
    guests = Guests(calls)
    providers.register(guests)
    target, source = ClusterFactory(), ClusterFactory()
    guests.of = {"ada": source.pk}
    lock = guests.lock

    def one_more_comes(keys: Collection[Any]) -> None:
        lock(keys)
        guests.of["ben"] = source.pk

    guests.lock = one_more_comes  # type: ignore[method-assign]
    merge(target=target, source=source, by=None, reason="One.")

    assert calls == ["lock ada guests", "lock ada ben guests", "move guests"]
    assert guests.of == {"ada": target.pk, "ben": target.pk}


def full_pair() -> tuple[Cluster, Cluster]:
    """Return two clusters of which the second has a row for every provider of the portal."""
    target, source = ClusterFactory(published=True), ClusterFactory(published=True)
    NetworkFactory(facilitator=source).clusters.add(source)
    ClusterFactory(status="archived", successor=source)
    OldSlug.objects.create(slug="once", cluster=source)
    ClusterEditor.objects.create(cluster=source, email="ada@c.example")
    update_of(source, place="Graz")
    accept_all(update_of(source, phone="+43 1"))
    spreadsheet = SpreadsheetImport.objects.create(file_name="x.csv")
    spreadsheet.rows.create(number=2, cluster=source, outcome="update")
    links.issue("edit", subject=source, email="ada@c.example")
    FreshnessRequest.objects.create(cluster=source, email="ada@c.example")
    ShowcaseItem.objects.create(cluster=source, kind="event", title="Fair")
    SocialLink.objects.create(cluster=source, kind="linkedin", url="https://social.example/c")
    QualityFinding.objects.create(cluster=source, kind="no_contact")
    return target, source


def test_every_provider_of_the_portal_moves_in_the_order_of_its_name_in_the_log() -> None:
    target, source = full_pair()

    log = merge(target=target, source=source, by=None, reason="One.")

    assert [part["provider"] for part in log.moved] == [
        "networks", "facilitated_networks", "predecessors", "old_slugs", "editors", "submissions", "import_rows",
        "links", "freshness", "showcase", "social_links", "findings",
    ]  # fmt: skip


def locked_tables(queries: CaptureQueriesContext) -> list[str]:
    """Return the tables of the locking reads, in order, repeated ones once."""
    sql = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"] or "FOR NO KEY UPDATE" in query["sql"]]
    tables = [re.search(r'FROM "(\w+)"', statement)[1] for statement in sql]  # type: ignore[index]
    return list(dict.fromkeys(tables))


def touched_tables(queries: CaptureQueriesContext) -> list[str]:
    """Return the tables in the order in which a row of theirs was locked first, by reading or by writing."""
    pattern = r'^(?:UPDATE|DELETE FROM) "(\w+)"|FROM "(\w+)".* FOR (?:NO KEY )?UPDATE'
    found = [match for query in queries if (match := re.search(pattern, query["sql"], re.S))]
    return list(dict.fromkeys(match[1] or match[2] for match in found))


@pytest.mark.services("postgresql")
def test_merge_and_undo_lock_rows_in_the_documented_order() -> None:
    target, source = full_pair()

    with CaptureQueriesContext(connection) as merging:
        log = merge(target=target, source=source, by=None, reason="One.")
    with CaptureQueriesContext(connection) as undoing:
        undo(merge=log, by=None)

    assert locked_tables(merging)[:2] == [SUBMISSION, CLUSTER]
    assert locked_tables(undoing)[:3] == [MERGE, SUBMISSION, CLUSTER]
    for queries in (merging, undoing):
        tables = touched_tables(queries)
        ranks = [RANKS.get(table, LAST) for table in tables]
        assert all(one <= other for one, other in pairwise(ranks)), tables
        for model in (Network, ImportRow, LinkToken, QualityFinding):
            assert model._meta.db_table in tables
