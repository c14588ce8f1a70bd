"""A row that only resembles a cluster does not rename it; a name that is replaced is kept as a former one."""

import pytest
from django.urls import reverse

from catalogue.models import Cluster
from imports.services import decide
from imports.services.decide import RowDecision
from submissions.models import Submission
from submissions.services.dependent_fields import is_one_name
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import accept_all, update_of
from tests.imports.sheets import checked, csv_bytes, proposed

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LONG = "GAIA – Association of Electronic and Information Technologies in the Basque Country"
HEAD = ["name", "acronym", "country", "place", "phone"]


@pytest.fixture
def gaia() -> Cluster:
    """Return a public cluster that is known by its acronym."""
    CountryFactory(code="ES", name="Spain")
    return ClusterFactory(name=LONG, acronym="GAIA-X", country_id="ES", place="Bilbao", published=True)


def duplicate(**options):
    spreadsheet = checked(csv_bytes([HEAD, ["GAIA", "Gaia", "Spain", "Bilbao", "+34 94 1234"]]), **options)
    row = spreadsheet.rows.get()
    assert row.outcome == "duplicate"
    return spreadsheet, row


def decide_update(spreadsheet, row, **options):
    decision = RowDecision("update", row.matches[0]["cluster"], **options)
    assert not decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: decision}).refused
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("fills_only", [False, True])
def test_an_update_by_likeness_keeps_the_name(gaia, fills_only):
    spreadsheet, row = duplicate(fills_only=fills_only)
    assert set(decide_update(spreadsheet, row).changes) == {"phone"}

    proposed(spreadsheet)
    accept_all(Submission.objects.get())

    gaia.refresh_from_db()
    assert (gaia.name, gaia.acronym, gaia.former_names, gaia.phone) == (LONG, "GAIA-X", "", "+34 94 1234")


def test_many_decided_at_once_keep_their_names(gaia):
    spreadsheet, _row = duplicate()
    decide.decide_in_bulk(spreadsheet=spreadsheet, decision="update")

    proposed(spreadsheet)

    assert set(Submission.objects.get().payload) == {"phone"}


def test_staff_may_take_the_name_and_the_old_one_is_kept(gaia):
    spreadsheet, row = duplicate()
    client = sign_in("coordinator")
    address = reverse("admin:imports_spreadsheetimport_change", args=[spreadsheet.pk]) + "?show=undecided"
    assert "an update takes the name too: GAIA" in client.get(address).content.decode()
    decide_address = reverse("admin:imports_spreadsheetimport_decide", args=[spreadsheet.pk])
    choice = {f"row-{row.pk}": f"update:{gaia.pk}", f"name-{row.pk}": "on"}
    client.post(decide_address, choice | {f"was-{row.pk}": ""})
    row.refresh_from_db()
    assert (row.takes_name, set(row.changes)) == (True, {"name", "acronym", "phone"})
    # The box alone is a choice as well.
    client.post(
        decide_address,
        {f"row-{row.pk}": f"update:{gaia.pk}", f"was-{row.pk}": f"update:{gaia.pk}", f"named-{row.pk}": "1"},
    )
    row.refresh_from_db()
    assert (row.takes_name, set(row.changes)) == (False, {"phone"})
    client.post(decide_address, choice | {f"was-{row.pk}": f"update:{gaia.pk}", f"named-{row.pk}": ""})

    proposed(spreadsheet)
    accept_all(Submission.objects.get())

    gaia.refresh_from_db()
    assert (gaia.name, gaia.acronym, gaia.former_names) == ("GAIA", "Gaia", LONG)


def test_a_row_proposed_by_another_import_meanwhile_keeps_the_name_as_well(gaia):
    first, row = duplicate(name="first.csv")
    second, other = duplicate(name="second.csv")
    decide_update(first, row)
    decide_update(second, other)
    proposed(first)
    proposed(second)
    other.refresh_from_db()
    assert other.outcome == "proposed"

    decide.decide_rows(spreadsheet=second, decisions={other.pk: RowDecision("new")})
    proposed(second)

    assert [set(row.payload) for row in Submission.objects.all()] == [{"phone"}, {"phone"}]


def renamed(name: str, **values) -> Cluster:
    cluster = Cluster.objects.get()
    accept_all(update_of(cluster, name=name, **values))
    cluster.refresh_from_db()
    return cluster


def test_a_name_replaced_by_any_way_is_a_former_one():
    ClusterFactory(published=True, name="Alpine Photonics Cluster", former_names="Optics Club")

    assert renamed("Photonics Tirol").former_names == "Optics Club\nAlpine Photonics Cluster"
    # One that comes back is no former name any more.
    assert renamed("Optics Club").former_names == "Alpine Photonics Cluster\nPhotonics Tirol"
    assert renamed("Light Works", former_names="Optics Club").former_names == "Optics Club"
    assert renamed("LIGHT-WORKS").former_names == "Optics Club"


def test_a_reviewer_is_told_which_name_is_kept():
    cluster = ClusterFactory(published=True, name="Alpine Photonics Cluster")
    page = reverse("admin:submissions_submission_change", args=[update_of(cluster, name="Photonics Tirol").pk])

    assert "“Alpine Photonics Cluster” becomes a former name" in sign_in("coordinator").get(page).content.decode()


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("Alpine Photonics", "ALPINE  PHOTONICS!", True), ("Łódź Net", "Lodz-Net", True), ("Food & Health", "Food and Health", True),
        ("Alpine Photnics", "Alpine Photonics", True), ("Bio 2", "Bio 3", False), ("BioNet2020", "BioNet2021", False),
        ("Cluster A", "Cluster B", False), ("Health Alliance", "Wealth Alliance", False), ("GAIA", LONG, False), ("Austria Net", "Australia Net", False),
    ],
)  # fmt: skip
def test_what_is_only_another_spelling(one, other, is_one):
    assert is_one_name(one, other) is is_one
