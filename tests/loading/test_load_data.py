"""The real data comes in whole."""

import io
import json
import re
from collections import Counter
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.core.management import CommandError, call_command
from django.utils.text import slugify

from catalogue.models import (
    Cluster,
    ClusterFigure,
    Country,
    FactProposal,
    Network,
    PriorityRule,
    Region,
    ShowcaseItem,
    Term,
)
from catalogue.search.text import fold, words
from consortium.models import Page, Partner, Project
from tests.catalogue.searching import search
from tests.loading.data_files import FIXTURES, cluster, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


# --- What comes out ---
def test_the_figures_of_the_report_come_out_of_queries(data: None) -> None:
    published = Cluster.objects.published()
    assert Cluster.objects.count() == 106
    assert published.count() == 68
    assert published.values("country").distinct().count() == 24
    assert Country.objects.with_published_clusters().count() == 24
    assert published.priority().count() == 18
    assert Cluster.objects.priority().exclude(status="published").count() == 38
    assert not Cluster.objects.filter(status="archived").exists()


def test_the_annex_comes_out_of_file_and_database(data: None) -> None:
    rows = rows_of("clusters.csv")
    assert Counter(row["annex"] for row in rows) == {"A.1": 18, "A.2": 50, "A.3": 30, "A.4": 8}
    flags = Counter((row["annex"], row["in_catalogue"], row["priority"], row["contacted"]) for row in rows)
    assert flags == {
        ("A.1", "true", "true", "true"): 18,
        ("A.2", "true", "false", "true"): 50,
        ("A.3", "false", "true", "true"): 30,
        ("A.4", "false", "true", "false"): 8,
    }
    for row in rows:
        item = cluster(row["slug"])
        assert (item.status == "published") == (row["in_catalogue"] == "true")
        assert item.is_priority == (row["priority"] == "true")
        assert item.found_via == f"Annex {row['annex']} of report D4.5, June 2019"


def test_counts_of_all_kinds(data: None) -> None:
    assert Country.objects.count() == 49
    assert Country.objects.filter(h2020_participations__isnull=False).count() == 37
    assert Region.objects.count() == 379
    assert Cluster.objects.filter(region__isnull=False).count() == 90
    assert Cluster.objects.exclude(description="").count() == 95
    assert Cluster.objects.exclude(benefits="").count() == 50
    assert Cluster.objects.exclude(website="").count() == 58
    assert ClusterFigure.objects.count() == 65
    assert Counter(ShowcaseItem.objects.values_list("kind", flat=True)) == {
        "initiative": 27, "network": 8, "label": 12, "event": 6, "project": 4,
    }  # fmt: skip
    assert Counter(FactProposal.objects.values_list("kind", "status")) == {
        ("website", "open"): 12, ("succession", "open"): 22,
    }  # fmt: skip
    assert Counter(Term.objects.values_list("vocabulary", flat=True)) == {
        "vertical": 16, "sector": 22, "emerging_industry": 9, "technology_field": 65, "s3_priority": 43,
    }  # fmt: skip
    assert Network.objects.count() == 4
    assert Partner.objects.count() == 5
    assert PriorityRule.objects.count() == 5
    assert set(Page.objects.values_list("slug", flat=True)) == {"about", "accessibility", "privacy", "terms"}
    assert Cluster.objects.filter(founded__isnull=False).count() == 26
    assert Cluster.objects.filter(members__isnull=False).count() == 20
    assert Cluster.objects.filter(latitude__isnull=False).count() == 106


def test_a_profile_holds_the_facts_of_its_lines(data: None) -> None:
    item = cluster("biccnet")
    assert item.name == "BICCnet - Bavarian Information and Communication Technology Cluster"
    assert (item.acronym, item.country.code, item.region.slug) == ("BICCnet", "DE", "bavaria")
    assert (item.place, item.place_local_name, str(item.latitude), item.precision) == (
        "Munich",
        "München",
        "48.1374",
        "region",
    )
    assert {term.slug for term in item.terms.all()} == {"ict-software", "public-sector-smart-cities"}
    assert item.public_id == uuid5(NAMESPACE_URL, "https://cluster-portal.example/clusters/biccnet")
    assert item.priority_reason == "Published decision of report D4.5, June 2019."
    assert item.published_at is not None
    assert item.confirmed_on is None
    assert cluster("techuk").members_text == "at least 950"
    assert cluster("bwcon").members_text == "approximately 600"
    assert cluster("cap-digital").members_text == "1,000"
    assert cluster("cyber-ireland").former_name_list == ["Info Security Ireland"]
    assert cluster("aei-asturias").priority_reason == ""


def test_loyal_clusters_collaborators_and_the_partner(data: None) -> None:
    loyal = Cluster.objects.filter(loyal_position__isnull=False).order_by("loyal_position")
    assert [item.slug for item in loyal] == ["cluj-it", "gaia", "south-wales-cyber"]
    assert all("without an order" in item.note for item in loyal)
    aei = cluster("aei-ciberseguridad")
    assert aei.partner == Partner.objects.get(short_name="AEI")
    assert aei.loyal_position is None
    assert set(Cluster.objects.filter(is_collaborator=True)) == {*loyal, aei}
    assert not Partner.objects.filter(is_coordinator=True).exists()


def test_spellings_of_one_region_are_joined_and_kept(data: None) -> None:
    assert cluster("cyberforum").region.name == "Baden-Württemberg"
    assert cluster("cyberforum").region.source_spelling == "Baden-Wurtemberg"
    assert (
        cluster("bristol-bath-cyber").region
        == cluster("south-west-cyber").region
        == Region.objects.get(slug="south-west-england")
    )
    assert cluster("silicon-alps").region.name == "Carinthia and Styria"
    assert cluster("bwcon").region.name == "Baden-Württemberg", "its name says so, the table of the report does not"


def test_a_region_from_the_town_is_marked_and_a_country_alone_gives_none(data: None) -> None:
    sources = {
        slug: source.text
        for slug in ("biccnet", "bwcon", "techuk")
        for source in cluster(slug).fact_sources.filter(field="region")
    }
    assert sources == {
        "biccnet": "report D4.5, June 2019", "bwcon": "report D4.5, June 2019", "techuk": "from the town",
    }  # fmt: skip
    assert cluster("techuk").region.nuts == "UKI"
    without = Cluster.objects.filter(region=None, found_via__startswith="Annex")
    assert without.count() == 16
    assert set(without.values_list("precision", flat=True)) == {"country"}


def test_a_profile_says_where_its_facts_are_from(data: None) -> None:
    item = cluster("aerospace-valley")
    assert {source.field: source.text for source in item.fact_sources.all()} == {
        **dict.fromkeys(
            ("name", "country", "region", "summary", "description", "founded", "members", "figures", "showcase_items"),
            "report D4.5, June 2019",
        ),
        "verticals": "our reading of report D4.5, June 2019",
        "place": "general knowledge, coordinates of GeoNames",
        "website": "public web text, 2026",
    }
    assert [(figure.label, figure.text, figure.as_of_text) for figure in item.figures.all()][:4] == [
        ("Offices", "Toulouse, Bordeaux", ""),
        ("Jobs represented", "124,000", ""),
        ("Researchers represented", "8,500", ""),
        ("Projects funded", "475", "June 2016"),
    ]
    project = cluster("aei-ciberseguridad").showcase_items.get(kind="project")
    assert (project.title, project.date_text) == ("cyberwatching.eu", "May 2017 – April 2021")


def test_a_website_that_is_not_certain_stays_away(data: None) -> None:
    assert (cluster("biccnet").website, cluster("bwcon").website) == ("", "https://www.bwcon.de/")
    assert cluster("biccnet").fact_proposals.get().url == "http://www.bicc-net.de/"


def test_every_nuts_region_of_level_two_is_there(data: None) -> None:
    codes = {code for nuts in Region.objects.values_list("nuts", flat=True) for code in nuts.split(";") if code}
    level_two = Counter(code[:2] for code in codes if len(code) == 4)
    # Eurostat, NUTS 2021 and statistical regions; the United Kingdom as it was before.
    assert level_two == {
        "AL": 3, "AT": 9, "BE": 11, "BG": 6, "CH": 7, "CY": 1, "CZ": 8, "DE": 38, "DK": 5, "EE": 1, "EL": 13, "ES": 19,
        "FI": 5, "FR": 27, "HR": 4, "HU": 8, "IE": 3, "IS": 1, "IT": 21, "LI": 1, "LT": 2, "LU": 1, "LV": 1, "ME": 1,
        "MK": 1, "MT": 1, "NL": 12, "NO": 7, "PL": 17, "PT": 7, "RO": 8, "RS": 4, "SE": 8, "SI": 2, "SK": 4, "TR": 26,
        "UK": 41,
    }  # fmt: skip


def test_every_spelling_of_the_source_is_found_again(data: None) -> None:
    for row in rows_of("clusters.csv"):
        region = cluster(row["slug"]).region
        if row["region"]:
            assert row["region"] in [part.strip() for part in region.source_spelling.split(";")]
            assert region.country_id == row["country_code"]


def test_networks_keep_contradictions_out_of_public_text(data: None) -> None:
    forum = Network.objects.get(slug="uk-cyber-security-forum")
    assert forum.stated_members == 37
    assert forum.clusters.count() == 6
    assert "Section 1.2" in forum.note
    assert not Network.objects.filter(description__icontains="section").exists()
    assert Network.objects.get(name="CONETIC").stated_members is None
    assert Network.objects.get(name="Cyber Wales Ecosystem").facilitator == cluster("south-wales-cyber")


def test_priority_rules_have_their_parameters(data: None) -> None:
    rules = {rule.kind: rule for rule in PriorityRule.objects.all()}
    assert list(rules) == ["core_activity", "large_ict", "collaborator", "greece", "low_h2020"]
    assert rules["large_ict"].more_than_members == 500
    assert [term.slug for term in rules["large_ict"].terms.all()] == ["ict-software"]
    assert {country.code for country in rules["low_h2020"].countries.all()} == {"HR", "HU", "LV", "DK"}
    assert [country.code for country in rules["greece"].countries.all()] == ["GR"]


def test_every_record_passes_the_checks_of_the_forms(data: None) -> None:
    for model in (Country, Region, Term, Network, Partner, PriorityRule, Page, Project):
        hidden = [column.name for column in model._meta.fields if not column.editable]
        for item in model.objects.all():
            item.full_clean(exclude=hidden)
    hidden = [column.name for column in Cluster._meta.fields if not column.editable]
    for item in Cluster.objects.all():
        item.full_clean(exclude=hidden)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("cataluna", {"cluster-digital-catalunya", "i2cat"}),
        ("Catalunya", {"cluster-digital-catalunya", "i2cat"}),
        ("munchen", {"biccnet", "consumer-affairs-zdb"}),
        ("den haag", {"hsd"}),
        ("euskadi", {"gaia"}),
        ("ASTER TIC", {"service-innovation-clust-er"}),
        ("genova", {"siit"}),
        ("wallonie", {"infopole"}),
    ],
)
def test_search_works_right_after_loading(data: None, text: str, slugs: set[str]) -> None:
    assert {item.slug for item in search(text)} == slugs


# --- The command ---
def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("load_data", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_a_summary_and_what_differs(data: None) -> None:
    Cluster.objects.filter(slug="gaia").update(summary="Staff knows better.")
    text = run("--no-input")
    assert re.search(r"^clusters +0 +0 +105 +1 +0$", text, re.MULTILINE)
    assert "Kept: clusters gaia, summary: staff's “Staff knows better.”, file's “Non-profit" in text


def test_the_command_can_be_silent(data: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--quiet") == ""
    assert run("--verbosity", "0") == ""
    assert capsys.readouterr() == ("", "")


def test_the_command_tells_a_mistake_without_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"countries\.csv: cannot be read.*\nNothing was loaded"):
        run("--source", str(tmp_path))


# --- The files themselves ---
def test_addresses_in_files_belong_to_nobody() -> None:
    for path in sorted(FIXTURES.rglob("*")):
        if path.suffix in {".csv", ".md", ".json"}:
            for address in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", path.read_text(encoding="utf-8")):
                assert address.endswith(".example"), f"{path.name}: {address}"


def test_slugs_follow_from_names() -> None:
    for name in ("regions.csv", "terms.csv", "networks.csv"):
        for row in rows_of(name):
            assert row["slug"] == slugify(fold(row["name"])), name


def test_every_name_can_be_searched() -> None:
    """Names in other scripts must leave words once they are written in ASCII."""
    for name in ("countries.csv", "regions.csv", "terms.csv"):
        for row in rows_of(name):
            for part in [row["name"], *row["other_names"].split(";")]:
                assert not part.strip() or words(part), f"{name}: {part}"


def test_the_map_has_an_outline_for_every_country_with_clusters() -> None:
    outlines = {
        feature["properties"]["iso_a2"]
        for feature in json.loads((FIXTURES / "europe.geojson").read_text(encoding="utf-8"))["features"]
        if not feature["properties"]["context"]
    }
    assert len(outlines) == 45
    codes = {row["country_code"] for row in rows_of("clusters.csv")}
    assert codes - outlines == {"EU"}
    assert outlines <= {row["code"] for row in rows_of("countries.csv")}
