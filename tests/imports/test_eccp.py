"""The clusters of ECCP come by the import: they meet their eight duplicates, nothing is public."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from catalogue.models import Cluster
from imports.eccp import load_eccp
from imports.models import ImportRow, SpreadsheetImport
from loading.models import SourceRecord
from submissions.models import Submission
from tests.factories.consortium import sign_in
from tests.loading.data_files import history_counts, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

UPDATED = {
    "alpha-rlh", "dsp-valley", "gaia", "high-tech-nl", "ict-technology-network", "infopole", "isin", "kosice-it-valley",
}  # fmt: skip
VOCABULARIES = {
    "sectors": "sector", "emerging_industries": "emerging_industry", "technology_fields": "technology_field",
    "s3_priorities": "s3_priority",
}  # fmt: skip


@pytest.fixture(scope="module")
def eccp_once(data_once, django_db_setup, django_db_blocker):
    """Import them once for all tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        before = {
            cluster.slug: {term.pk for term in cluster.terms.all()}
            for cluster in Cluster.objects.prefetch_related("terms")
        }
        yield before, load_eccp(folder=settings.FIXTURE_DATA_DIR)
        transaction.set_rollback(True)


@pytest.fixture
def eccp(eccp_once, db):
    """Return the terms that each cluster had before, and the report."""
    return eccp_once


def test_eccp_import_reports_and_creates_the_expected_numbers(eccp):
    _before, report = eccp

    assert str(report) == "ECCP: 60 rows imported, 52 new clusters, 8 updated"
    assert Cluster.objects.count() == 158
    assert Cluster.objects.filter(status="identified").count() == 38 + 52
    published = Cluster.objects.published()
    assert (published.count(), published.values("country").distinct().count()) == (68, 24)
    assert published.priority().count() == 18
    assert Cluster.objects.priority().exclude(status="published").count() == 38


def test_the_eight_keep_their_verticals_and_get_four_vocabularies(eccp):
    before, _report = eccp
    rows = ImportRow.objects.filter(submission__kind="update").select_related("cluster", "submission")

    assert {row.cluster.slug for row in rows} == UPDATED
    for row in rows:
        terms = {term.pk for term in row.cluster.terms.all()}
        assert before[row.cluster.slug] < terms
        assert set(row.submission.payload) <= set(VOCABULARIES)
        assert row.submission.status == "approved"
    assert Cluster.objects.get(slug="alpha-rlh").name == "ALPHA RLH - Laser and Microwaves French Cluster"


def test_every_cluster_has_the_terms_of_its_line(eccp):
    by_line = {row.number: row for row in ImportRow.objects.select_related("submission__target")}
    for line, cells in enumerate(rows_of("eccp_medical_devices_clusters.csv"), start=2):
        cluster = by_line[line].submission.target
        for column, vocabulary in VOCABULARIES.items():
            stated = {name.strip() for name in cells[column].split(";") if name.strip()}
            assert {term.name for term in cluster.terms.all() if term.vocabulary == vocabulary} == stated
        assert cluster.country_id == cells["country_code"]


def test_places_regions_and_origin(eccp):
    styria = Cluster.objects.get(name="Human.technology Styria GmbH")
    biom = Cluster.objects.get(name="BioM Biotech Cluster Development GmbH")

    assert (styria.place, styria.region.nuts, styria.precision) == ("Graz", "AT22", "seat")
    assert (biom.region.slug, biom.found_via) == ("bavaria", "Line 12 of eccp_medical_devices_clusters.csv")
    assert biom.confirmed_on is None


def test_gaia_of_both_sources_is_one_cluster_with_the_name_of_the_report(eccp):
    row = ImportRow.objects.select_related("submission__target").get(number=33)
    gaia = row.submission.target

    assert (row.outcome, row.decision, row.matches[0]["name"]) == ("duplicate", "update", gaia.name)
    assert (gaia.slug, gaia.status, gaia.founded) == ("gaia", "published", 1983)
    assert gaia.name == "GAIA - Association of Knowledge and Applied Technologies industries in the Basque Country"
    assert list(Cluster.objects.filter(name__icontains="Basque Country").exclude(pk=gaia.pk)) == []


def test_the_import_stays_as_an_example(eccp):
    spreadsheet = SpreadsheetImport.objects.get()

    assert (spreadsheet.status, spreadsheet.counts) == ("proposed", {"new": 52, "update": 5, "duplicate": 3})
    assert Submission.objects.filter(channel="import", status="approved").count() == 60
    address = reverse("admin:imports_spreadsheetimport_change", args=[spreadsheet.pk])
    assert "3D Makers Zone" in sign_in("read-only").get(address).content.decode()
    page = sign_in("coordinator").get(f"{address}?show=duplicate").content.decode()
    assert "Resembles GAIA - Association" in page
    assert "decided: update" in page
    assert "Save these decisions" not in page


def test_nothing_of_the_identified_ones_is_public(eccp, client):
    for address in (
        "/clusters/?q=biotech",
        "/clusters/export.csv",
        "/api/v1/clusters/",
        "/clusters/map/",
        "/sitemap.xml",
        "/",
    ):
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert b"Makers Zone" not in content
        assert b"BioM" not in content
    # Only vocabularies of published clusters are offered; Istanbul's and Tallinn's countries are not.
    page = client.get("/clusters/").content.decode()
    assert 'value="photonics"' in page
    assert "Dentistry" not in page
    slug = Cluster.objects.get(name="3D Makers Zone").slug
    assert client.get(f"/clusters/{slug}/").status_code == 404
    assert client.get("/clusters/?sector=apparel").status_code == 200


def test_a_second_time_writes_nothing_and_staffs_changes_stay(eccp):
    cluster = Cluster.objects.get(name="3D Makers Zone")
    cluster.terms.set([])
    Cluster.objects.filter(name="Arahealth").update(phone="+34 1 2345", status="archived")

    def picture():
        return (
            history_counts(), Cluster.objects.count(), ImportRow.objects.count(), Submission.objects.count(),
            list(SourceRecord.objects.order_by("pk").values()),
        )  # fmt: skip

    before = picture()

    assert load_eccp(folder=settings.FIXTURE_DATA_DIR) is None
    call_command("load_data", verbosity=0)

    assert picture() == before
    assert not cluster.terms.exists()
