"""The index in memory: always what the database has, whatever changed it, in every process."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pyroaring import BitMap

from catalogue.index.catalogue_index import CatalogueIndex, Holder, current_index
from catalogue.index.changes import EVERYTHING, WATCHED, current_version, install_triggers, join_changes
from catalogue.models import (
    CatalogueChange,
    Cluster,
    ClusterFigure,
    Country,
    EmbedOrigin,
    FactSource,
    Network,
    OldSlug,
    Region,
    ShowcaseItem,
    SocialLink,
    Synonym,
    Term,
)
from catalogue.services.clusters import archive_clusters, publish_clusters
from consortium.models import Page, Partner, Project
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.both_databases


def parts(index: CatalogueIndex) -> dict[str, Any]:
    return {
        "entries": index.entries, "keys": index.keys, "names": index.names, "texts": index.texts,
        "by_name": index.by_name, "shared": index.shared,
    }  # fmt: skip


class Changes(RuleBasedStateMachine):
    """Random changes in the ways that there are, looked at by two processes, one of which looks only now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.countries = [CountryFactory(code=code) for code in ("AA", "BB")]
        self.terms = [TermFactory() for _ in range(3)]
        self.network = NetworkFactory()
        self.often, self.seldom = Holder(), Holder()
        self.seldom.current()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def any_cluster(self, data: st.DataObject) -> Cluster | None:
        rows = list(Cluster.objects.order_by("pk"))
        return data.draw(st.sampled_from(rows)) if rows else None

    @rule(name=st.sampled_from(["Alpha Net", "Beta", "Käla Øst", "Gamma-Hub"]), published=st.booleans(), data=st.data())
    def add(self, name: str, published: bool, data: st.DataObject) -> None:
        ClusterFactory(
            name=name, published=published, country=data.draw(st.sampled_from(self.countries)), terms=self.terms[:1]
        )

    @rule(name=st.sampled_from(["Delta", "Éta Valley", "Beta"]), data=st.data())
    def rename(self, name: str, data: st.DataObject) -> None:
        if cluster := self.any_cluster(data):
            cluster.name = name
            cluster.save()

    @rule(members=st.none() | st.integers(0, 5), data=st.data())
    def change_past_the_services(self, members: int | None, data: st.DataObject) -> None:
        if cluster := self.any_cluster(data):
            qualifier = "" if members is None else "exact"
            Cluster.objects.filter(pk=cluster.pk).update(
                members=members, members_qualifier=qualifier, summary=f"About {members}."
            )

    @rule(data=st.data())
    def set_terms(self, data: st.DataObject) -> None:
        if cluster := self.any_cluster(data):
            cluster.terms.set(data.draw(st.lists(st.sampled_from(self.terms), unique=True)))
            self.network.clusters.set(data.draw(st.lists(st.sampled_from([cluster]), max_size=1)))

    @rule(data=st.data())
    def publish_or_archive(self, data: st.DataObject) -> None:
        if cluster := self.any_cluster(data):
            if cluster.summary and cluster.status != "published":
                publish_clusters(clusters=[cluster])
            else:
                archive_clusters(clusters=[cluster])

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        if cluster := self.any_cluster(data):
            cluster.delete()

    @rule(names=st.sampled_from(["", "Otherland", "Otherland;Elsewhere"]))
    def name_a_country_otherwise(self, names: str) -> None:
        Country.objects.filter(code="AA").update(other_names=names)

    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        with transaction.atomic():
            ClusterFactory(name="Never seen", country=self.countries[0])
            if cluster := self.any_cluster(data):
                Cluster.objects.filter(pk=cluster.pk).update(summary="Nor this.")
            self.often.current()  # a page within the transaction may well see it
            transaction.set_rollback(True)

    @rule()
    def join(self) -> None:
        before = current_version()
        join_changes(least=1)
        assert current_version() == before

    @rule()
    def look_again(self) -> None:
        assert parts(self.seldom.current()[1]) == parts(CatalogueIndex.read())

    @invariant()
    def index_is_what_the_database_has(self) -> None:
        version, index = self.often.current()
        assert version == current_version()
        assert parts(index) == parts(CatalogueIndex.read())


@pytest.mark.django_db
def test_index_equals_one_built_from_the_database_whatever_happens() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Changes,
        settings=settings(
            max_examples=examples(40), stateful_step_count=12, deadline=None, suppress_health_check=checks
        ),
    )


#: One row of every watched table, and how it is changed.
ROWS: dict[str, Any] = {
    "catalogue_cluster": lambda one: one,
    "catalogue_cluster_terms": lambda one: Cluster.terms.through.objects.create(cluster=one, term=TermFactory()),
    "catalogue_cluster_target_markets": lambda one: Cluster.target_markets.through.objects.create(
        cluster=one, country=CountryFactory(code="ZZ")
    ),
    "catalogue_network_clusters": lambda one: Network.clusters.through.objects.create(
        cluster=one, network=NetworkFactory()
    ),
    "catalogue_showcaseitem": lambda one: ShowcaseItem.objects.create(cluster=one, kind="event", title="Fair"),
    "catalogue_sociallink": lambda one: SocialLink.objects.create(cluster=one, kind="x", url="https://x.example/"),
    "catalogue_oldslug": lambda one: OldSlug.objects.create(cluster=one, slug="before"),
    "catalogue_clusterfigure": lambda one: ClusterFigure.objects.create(cluster=one, label="Jobs", value="5"),
    "catalogue_factsource": lambda one: FactSource.objects.create(
        cluster=one, field="summary", origin="report", label="R"
    ),
    "catalogue_country": lambda one: CountryFactory(),
    "catalogue_region": lambda one: RegionFactory(),
    "catalogue_term": lambda one: TermFactory(),
    "catalogue_network": lambda one: NetworkFactory(),
    "catalogue_synonym": lambda one: Synonym.objects.create(word="w", kind="expansion", means="x"),
    "catalogue_embedorigin": lambda one: EmbedOrigin.objects.create(origin="https://a.example"),
    "consortium_project": lambda one: Project.objects.first() or Project.objects.create(pk=1, name="P"),
    "consortium_partner": lambda one: Partner.objects.create(short_name="A"),
    "consortium_page": lambda one: Page.objects.create(title="T", slug="t-page", body="x"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(WATCHED))
def test_version_rises_with_every_insert_update_and_delete_of_a_watched_table(table: str) -> None:
    one = ClusterFactory(published=True)
    seen = {current_version()}

    def rises() -> bool:
        version = current_version()
        is_new = version not in seen
        seen.add(version)
        return is_new

    row = ROWS[table](one)
    if row is not one:
        assert rises(), "inserted"
    column = next(field.column for field in row._meta.concrete_fields if not field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET "{column}" = "{column}"')  # noqa: S608 - names of our own
    assert rises(), "updated, by nobody's save()"
    row.delete()
    assert rises(), "deleted"


@pytest.mark.django_db
def test_every_public_column_of_a_cluster_reaches_the_index_or_changes_the_version() -> None:
    one = ClusterFactory(published=True)
    for field in Cluster._meta.concrete_fields:
        if field.primary_key:
            continue
        before = current_version()
        with connection.cursor() as cursor:
            cursor.execute(f'UPDATE catalogue_cluster SET "{field.column}" = "{field.column}" WHERE id = %s', [one.pk])  # noqa: S608
        assert current_version() != before, field.name


@pytest.mark.django_db
def test_emptied_table_of_changes_is_a_version_of_its_own() -> None:
    seen = set()
    for _ in range(3):
        CatalogueChange.objects.all().delete()
        seen.add(current_version())
    assert len(seen) == 3
    assert list(CatalogueChange.objects.values_list("clusters", flat=True)) == [EVERYTHING]


@pytest.mark.django_db
def test_triggers_are_installed_once_and_again_where_one_is_absent() -> None:
    with connection.cursor() as cursor:
        name = "catalogue_term_insert_noted"
        cursor.execute(f"DROP TRIGGER {name}" + (" ON catalogue_term" if connection.vendor == "postgresql" else ""))
    before = current_version()
    TermFactory()
    assert current_version() == before, "nothing saw it"

    install_triggers()
    install_triggers()
    TermFactory()

    assert current_version() != before


@pytest.mark.django_db
def test_orders_of_a_large_and_a_small_set_agree() -> None:
    for number in range(60):
        ClusterFactory(
            name=f"C {number % 7}", members=number % 5 or None, members_qualifier="exact" if number % 5 else ""
        )
    _version, index = current_index()
    every = BitMap(index.entries)

    for sort in ("name", "-name", "members", "-members", "country"):
        whole = list(index.in_order(every, sort))
        assert sorted(whole) == sorted(every)
        few = BitMap(whole[3::30])
        assert list(index.in_order(few, sort)) == whole[3::30]
    members = [index.entries[pk].members for pk in index.in_order(every, "-members")]
    known = [number for number in members if number is not None]
    assert members == sorted(known, reverse=True) + [None] * (60 - len(known))


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True)
def test_no_reader_is_older_than_the_last_commit_before_it_asked() -> None:
    """Several writers and readers at once; every reader has an index of its own, as processes have."""
    clusters = [ClusterFactory(name=f"Start {number}", published=True) for number in range(4)]
    committed = {cluster.pk: 0 for cluster in clusters}

    def write(pk: int) -> None:
        for number in range(1, 12):
            Cluster.objects.filter(pk=pk).update(founded=1900 + number)
            committed[pk] = number
        connections.close_all()

    def read(_number: int) -> list[str]:
        holder, late = Holder(), []
        for _ in range(25):
            before = dict(committed)
            _version, index = holder.current()
            late += [
                f"{pk} shows {index.entries[pk].founded}, committed was {number}"
                for pk, number in before.items()
                if number and (index.entries[pk].founded or 0) < 1900 + number
            ]
        connections.close_all()
        return late

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, cluster.pk) for cluster in clusters]
        readers = [pool.submit(read, number) for number in range(3)]
        for writer in writers:
            writer.result()
        assert [late for reader in readers for late in reader.result()] == []

    assert parts(Holder().current()[1]) == parts(CatalogueIndex.read())
    assert {entry.founded for entry in current_index()[1].entries.values()} == {1911}
    Region.objects.all().delete()
    Term.objects.all().delete()
