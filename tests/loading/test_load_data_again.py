"""Loading again changes nothing, and never runs over what staff changed."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalogue.models import Cluster, Country, Network, Region, Term
from catalogue.services.clusters import archive_clusters
from consortium.models import Page, Partner, Project
from loading.models import SourceRecord
from loading.report import Difference
from tests.catalogue.searching import search
from tests.loading.data_files import cluster, edit, history_counts, load, rows_of, write_rows

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_second_load_changes_nothing(data: None) -> None:
    before = (
        history_counts(),
        list(Cluster.objects.order_by("pk").values()),
        list(Page.objects.order_by("pk").values()),
        list(SourceRecord.objects.order_by("pk").values()),
    )
    report = load()
    after = (
        history_counts(),
        list(Cluster.objects.order_by("pk").values()),
        list(Page.objects.order_by("pk").values()),
        list(SourceRecord.objects.order_by("pk").values()),
    )
    assert after == before
    assert report.total("unchanged") == sum(sum(row.values()) for row in report.counts.values()) == 864
    assert report.remarks() == []


def test_a_second_load_asks_a_fixed_number_of_queries(data: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(60):
        load()


def test_staff_wins_over_an_unchanged_file(data: None) -> None:
    item = cluster("gaia")
    item.summary, item.members = "Staff knows better.", 300
    item.save()
    history = item.history.count()
    report = load()
    item.refresh_from_db()
    assert (item.summary, item.members) == ("Staff knows better.", 300)
    assert item.history.count() == history
    kept = {(difference.record, difference.field): difference for difference in report.differences}
    assert set(kept) == {("clusters gaia", "summary"), ("clusters gaia", "members")}
    assert kept["clusters gaia", "members"] == Difference("clusters gaia", "members", 300, 260)
    assert report.counts["clusters"] == {
        "created": 0,
        "updated": 0,
        "unchanged": 105,
        "kept": 1,
        "deleted": 0,
    }
    assert load().differences == report.differences, "the list comes with every load"


def test_staff_wins_over_a_changed_file(data: None, source: Path) -> None:
    Cluster.objects.filter(slug="gaia").update(summary="Staff knows better.")
    edit(source, "clusters.csv", "gaia", lambda row: row.update(summary="The file changed.", founded="1984"))
    report = load(source)
    assert cluster("gaia").summary == "Staff knows better."
    assert cluster("gaia").founded == 1984, "a field that staff left alone follows the file"
    assert report.differences == [Difference("clusters gaia", "summary", "Staff knows better.", "The file changed.")]
    assert report.counts["clusters"]["updated"] == 1


def test_an_emptied_field_stays_empty(data: None) -> None:
    Cluster.objects.filter(slug="gaia").update(founded=None)
    report = load()
    assert cluster("gaia").founded is None
    assert report.differences == [Difference("clusters gaia", "founded", None, 1983)]


def test_staff_and_file_agree_again(data: None, source: Path) -> None:
    Cluster.objects.filter(slug="gaia").update(founded=1984)
    edit(source, "clusters.csv", "gaia", lambda row: row.update(founded="1984"))
    assert load(source).remarks() == []
    edit(source, "clusters.csv", "gaia", lambda row: row.update(founded="1985"))
    assert load(source).remarks() == []
    assert cluster("gaia").founded == 1985


def test_changes_of_the_file_come_through(data: None, source: Path) -> None:
    def change(row: dict[str, str]) -> None:
        row.update(
            name="GAIA Renamed",
            members="400",
            members_qualifier="at least",
            region="",
            verticals="Space;ICT & Software",
        )

    edit(source, "clusters.csv", "gaia", change)
    edit(source, "websites.csv", "techuk", lambda row: row.update(slug="gaia", website="https://gaia.example/"))
    edit(
        source,
        "places.csv",
        "gaia",
        lambda row: row.update(place="Bilbao", latitude="43.2627", longitude="-2.9253", local_name="Bilbo"),
    )
    history = cluster("gaia").history.count()
    report = load(source)
    item = cluster("gaia")
    assert (item.name, item.members_text, item.region, item.website) == (
        "GAIA Renamed", "at least 400", None, "https://gaia.example/",
    )  # fmt: skip
    assert (item.place, item.place_local_name, str(item.latitude)) == ("Bilbao", "Bilbo", "43.2627")
    assert {term.slug for term in item.terms.all()} == {"space", "ict-software"}
    assert report.differences == []
    assert report.counts["clusters"] == {
        "created": 0,
        "updated": 2,
        "unchanged": 104,
        "kept": 0,
        "deleted": 0,
    }
    assert (cluster("techuk").website, item.fact_sources.get(field="website").text) == ("", "public web text, 2026")
    assert item.history.count() > history
    assert {found.slug for found in search("bilbo renamed")} == {"gaia"}
    assert load(source).total("unchanged") == 864


def test_staffs_place_is_kept_whole(data: None, source: Path) -> None:
    Cluster.objects.filter(slug="gaia").update(place="Bilbao")
    edit(source, "places.csv", "gaia", lambda row: row.update(latitude="43.0000", precision="region"))
    report = load(source)
    item = cluster("gaia")
    assert (item.place, str(item.latitude), item.precision) == ("Bilbao", "43.3128", "seat")
    assert {difference.field for difference in report.differences} == {
        "place",
        "latitude",
        "precision",
        "local_name",
    } - {"local_name"}


def test_staffs_country_keeps_out_the_files_region(data: None, source: Path) -> None:
    item = cluster("clusis")
    item.country = Country.objects.get(pk="FR")
    item.save()
    edit(source, "clusters.csv", "clusis", lambda row: row.update(region="Zurich"))
    report = load(source)
    item = cluster("clusis")
    assert (item.country_id, item.region) == ("FR", None)
    assert {difference.field for difference in report.differences} == {"country_code", "region"}


def test_staffs_terms_are_kept_and_other_vocabularies_left_alone(data: None, source: Path) -> None:
    sector = Term.objects.create(vocabulary="sector", name="Robotics", slug="robotics")
    gaia, i2cat = cluster("gaia"), cluster("i2cat")
    gaia.terms.set([Term.objects.get(slug="space"), sector])
    i2cat.terms.set([*i2cat.terms.all(), sector])
    edit(source, "clusters.csv", "i2cat", lambda row: row.update(verticals="Health"))
    report = load(source)
    assert {term.slug for term in gaia.terms.all()} == {"space", "robotics"}
    assert {term.slug for term in i2cat.terms.all()} == {"health", "robotics"}
    assert [(difference.record, difference.field) for difference in report.differences] == [
        ("clusters gaia", "verticals")
    ]


def test_staffs_network_is_kept(data: None) -> None:
    network = Network.objects.get(name="CONETIC")
    network.clusters.add(cluster("i2cat"))
    report = load()
    assert {item.slug for item in network.clusters.all()} == {"gaia", "i2cat"}
    assert report.differences == [Difference("networks conetic", "clusters", ["gaia", "i2cat"], ["gaia"])]


def test_an_archived_cluster_stays_archived(data: None) -> None:
    archive_clusters(clusters=[cluster("gaia")])
    report = load()
    assert cluster("gaia").status == "archived"
    assert report.differences == [Difference("clusters gaia", "in_catalogue", "archived", "published")]


def test_an_unpublished_cluster_stays_so(data: None) -> None:
    Cluster.objects.filter(slug="gaia").update(status="identified")
    report = load()
    assert cluster("gaia").status == "identified"
    assert [difference.field for difference in report.differences] == ["in_catalogue"]


def test_a_file_can_publish_but_not_unpublish(data: None, source: Path) -> None:
    edit(source, "clusters.csv", "gaia", lambda row: row.update(in_catalogue="false"))
    edit(source, "clusters.csv", "cini", lambda row: row.update(in_catalogue="true"))
    report = load(source)
    assert cluster("gaia").status == "published"
    assert cluster("cini").status == "published"
    assert report.differences == [Difference("clusters gaia", "in_catalogue", "published", "identified")]


def test_a_file_does_not_publish_what_staff_left_without_summary(data: None, source: Path) -> None:
    Cluster.objects.filter(slug="cini").update(summary="")
    edit(source, "clusters.csv", "cini", lambda row: row.update(in_catalogue="true"))
    first = load(source)
    assert cluster("cini").status == "identified"
    assert {difference.field for difference in first.differences} == {"summary", "in_catalogue"}
    assert {difference.field for difference in load(source).differences} == {"summary", "in_catalogue"}
    Cluster.objects.filter(slug="cini").update(summary="Now there is one.")
    load(source)
    assert cluster("cini").status == "published"


def test_a_renamed_slug_is_found_again(data: None, source: Path) -> None:
    item = cluster("gaia")
    item.slug = "gaia-basque"
    item.save()
    region = Region.objects.get(slug="basque-country")
    region.slug = "euskadi"
    region.save()
    edit(source, "clusters.csv", "gaia", lambda row: row.update(founded="1984"))
    report = load(source)
    assert Cluster.objects.count() == 106
    assert cluster("gaia-basque").founded == 1984
    assert report.remarks() == []
    assert {network.name for network in cluster("gaia-basque").networks.all()} == {"CONETIC"}


def test_a_deleted_record_is_not_made_again(data: None) -> None:
    cluster("gaia").delete()
    Term.objects.get(vocabulary="vertical", slug="photonics").delete()
    report = load()
    assert not Cluster.objects.filter(slug="gaia").exists()
    assert not Term.objects.filter(vocabulary="vertical", slug="photonics").exists()
    assert report.deleted[:2] == ["terms vertical/photonics", "clusters gaia"]
    # What was about it went with it: three items of its showcase, and a fact to check.
    assert sorted(line.split("/")[0] for line in report.deleted[2:]) == ["facts to check gaia", *["showcase gaia"] * 3]
    assert report.counts["clusters"]["deleted"] == 1
    assert {(difference.record, difference.field) for difference in report.differences} == {
        ("clusters alpha-rlh", "verticals"), ("networks conetic", "clusters"),
    }  # fmt: skip


def test_a_record_that_left_the_file_stays(data: None, source: Path) -> None:
    for name in ("clusters.csv", "places.csv", "profiles.csv", "websites.csv", "cluster_regions.csv", "figures.csv"):
        edit(source, name, "techuk", None)
    report = load(source)
    assert cluster("techuk").status == "published"
    assert report.vanished[0] == "clusters techuk"
    assert {line.partition(" ")[0] for line in report.vanished} == {"clusters", "figures"}


def test_a_record_made_by_hand_is_filled_but_not_overwritten(no_data: None, source: Path) -> None:
    spain = Country.objects.create(code="ES", name="Kingdom of Spain")
    item = Cluster.objects.create(slug="gaia", name="Our GAIA", country=spain, is_priority=False)
    report = load(source)
    item = Cluster.objects.get(pk=item.pk)
    assert (item.name, item.founded, item.region.name) == ("Our GAIA", 1983, "Basque Country")
    assert (item.is_priority, item.status) == (False, "identified"), "a decision, even if it is a no"
    spain.refresh_from_db()
    assert (spain.name, spain.h2020_participations) == ("Kingdom of Spain", 145)
    fields = {difference.field for difference in report.differences if difference.record == "clusters gaia"}
    assert {"name", "priority", "in_catalogue"} <= fields
    again = load(source)
    assert again.differences == report.differences
    assert again.total("updated") == 0


def test_a_record_made_by_hand_is_found_by_a_former_slug(no_data: None, source: Path) -> None:
    item = Cluster.objects.create(slug="gaia", name="Our GAIA", country=Country.objects.create(code="ES", name="Spain"))
    item.slug = "gaia-basque"
    item.save()
    load(source)
    assert Cluster.objects.count() == 106
    assert not Cluster.objects.filter(slug="gaia").exists()


def test_a_new_column_reaches_what_staff_left_alone(data: None) -> None:
    """An upgrade may load a field that it did not load before."""
    for record in SourceRecord.objects.filter(model="catalogue.cluster", key__in=["gaia", "techuk"]):
        del record.values["founded"], record.values["is_collaborator"]
        record.save()
    Cluster.objects.filter(slug="gaia").update(founded=None, is_collaborator=False)
    report = load()
    assert (cluster("gaia").founded, cluster("gaia").is_collaborator) == (1983, True)
    assert report.differences == []


def test_a_changed_name_of_a_country_is_searched_at_once(data: None, source: Path) -> None:
    edit(source, "countries.csv", "DE", lambda row: row.update(other_names="Deutschland; Saksa"), column="code")
    edit(source, "regions.csv", "bavaria", lambda row: row.update(other_names="Bayern; Baviera"))
    edit(source, "terms.csv", "health", lambda row: row.update(other_names="salud"))
    edited = Cluster.objects.get(slug="biccnet").updated_at
    load(source)
    published = Cluster.objects.published()
    assert set(search("saksa")) == set(published.filter(country="DE"))
    assert set(search("baviera")) == set(published.filter(region__slug="bavaria"))
    assert set(search("salud")) == set(published.filter(terms__slug="health"))
    assert cluster("biccnet").updated_at == edited


def test_pages_partners_and_project_follow_the_same_rules(data: None, source: Path) -> None:
    Project.objects.update(tagline="Staff's line")
    Page.objects.filter(slug="about").update(title="About us")
    values = json.loads((source / "project.json").read_text(encoding="utf-8"))
    (source / "project.json").write_text(
        json.dumps(values | {"acronym": "CP", "start_month": "2026-01-01"}), encoding="utf-8"
    )
    edit(source, "partners.csv", "AEI", lambda row: row.update(countries="PT;ES"), column="short_name")
    report = load(source)
    project = Project.objects.get()
    assert (project.acronym, str(project.start_month), project.tagline) == (
        "CP",
        "2026-01-01",
        "Staff's line",
    )
    assert [country.code for country in Partner.objects.get(short_name="AEI").countries.all()] == ["ES", "PT"]
    assert {difference.record for difference in report.differences} == {"project 1", "pages about"}
    assert load(source).total("updated") == 0


def test_loyal_clusters_may_change_places(data: None, source: Path) -> None:
    rows = sorted(rows_of("clusters.csv", source), key=lambda row: row["slug"] != "gaia")
    write_rows(source, "clusters.csv", rows)
    report = load(source)
    loyal = Cluster.objects.filter(loyal_position__isnull=False).order_by("loyal_position")
    assert [item.slug for item in loyal] == ["gaia", "cluj-it", "south-wales-cyber"]
    assert report.counts["clusters"]["updated"] == 2
    assert load(source).total("updated") == 0


def test_a_cluster_keeps_its_place_where_staff_gave_the_next_one_away(data: None, source: Path) -> None:
    Cluster.objects.filter(slug="south-wales-cyber").update(loyal_position=None)
    Cluster.objects.filter(slug="techuk").update(loyal_position=3)
    rows = rows_of("clusters.csv", source)
    first = next(row for row in rows if row["slug"] == "minalogic")
    first["loyal"] = "loyal"
    write_rows(source, "clusters.csv", [first, *(row for row in rows if row is not first)])

    report = load(source)

    placed = Cluster.objects.filter(loyal_position__isnull=False).order_by("loyal_position")
    assert [item.slug for item in placed] == ["cluj-it", "gaia", "techuk"]
    assert Difference("clusters gaia", "loyal", 2, 3) in report.differences
    assert Difference("clusters minalogic", "loyal", None, 1) in report.differences


def test_a_value_given_twice_and_line_ends_of_windows_are_no_change_of_staff(data: None, source: Path) -> None:
    text = (source / "clusters.csv").read_text().replace("Telecommunications", "Telecommunications;Telecommunications")
    (source / "clusters.csv").write_bytes(text.replace("\n", "\r\n").encode())

    assert load(source).differences == []
    assert load(source).differences == []


def test_a_place_that_staff_gave_to_another_is_left_to_it(no_data: None, source: Path) -> None:
    other = Cluster.objects.create(
        name="Other", country=Country.objects.create(code="FR", name="France"), loyal_position=2
    )
    report = load(source)
    other.refresh_from_db()
    assert other.loyal_position == 2
    assert cluster("gaia").loyal_position is None
    assert report.differences == [Difference("clusters gaia", "loyal", None, 2)]
    assert load(source).differences == report.differences
