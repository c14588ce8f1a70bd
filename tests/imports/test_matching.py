"""Which cluster a row is about: successors of archived ones, and the name of a cluster that a row only resembles."""

import pytest
from django.urls import reverse

from catalogue.models import Cluster, OldSlug
from catalogue.services.clusters import archive_clusters
from catalogue.succession import trails_of
from duplicates.merging.services import merge
from duplicates.merging.undo import undo, undo_blockers
from imports.models import ImportRow
from imports.services import approve, decide, propose, upload
from imports.services.decide import RowDecision
from submissions.models import Submission
from submissions.services.dependent_fields import is_one_name
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import accept_all, approver, update_of
from tests.imports.sheets import checked, checked_rows, csv_bytes, finish, proposed

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


WHY = "They are one."


HEAD = ["id", "slug", "name", "country", "phone"]


@pytest.fixture(autouse=True)
def _country():
    CountryFactory(code="DE", name="Germany")
    CountryFactory(code="AT", name="Austria")


@pytest.fixture
def merged_cluster() -> Cluster:
    """Return the first of three clusters: the second took it in, the third the second."""
    first = ClusterFactory(name="Lake Optics Association", country_id="DE", slug="lake", former_names="Seeoptik Verein")
    OldSlug.objects.create(slug="old-lake", cluster=first)
    second = ClusterFactory(name="Hill Optics Forum", country_id="DE", slug="hill")
    merge(target=second, source=first, by=None, reason=WHY)
    third = ClusterFactory(name="Great Light Alliance", country_id="DE", slug="light", published=True)
    second.refresh_from_db()
    merge(target=third, source=second, by=None, reason=WHY)
    first.refresh_from_db()
    return first


def light() -> Cluster:
    return Cluster.objects.get(slug="light")


@pytest.mark.parametrize("way", ["id", "slug", "old slug", "name"])
def test_old_id_slug_and_name_lead_to_the_end_of_the_successors(merged_cluster, way):
    line = {
        "id": [merged_cluster.public_id, "", "Lake Optics Association"], "slug": ["", "lake", ""], "old slug": ["", "old-lake", ""],
        "name": ["", "", "Lake Optics Association"],
    }[way]  # fmt: skip

    (row,) = checked_rows([HEAD, [*line, "DE", "+49 1 2345"]])

    assert (row.outcome, row.cluster, row.values) == ("update", light(), {"phone": "+49 1 2345"})
    if way == "old slug":  # the merge gave that address to the one that stayed
        assert row.notes == []
        return
    assert row.notes[0] == (
        "Lake Optics Association is archived and leads on to Great Light Alliance: the row is about Great Light Alliance."
    )
    named = "“Lake Optics Association” is a former name, so the name of Great Light Alliance stays."
    assert row.notes[1:] == ([named] if way != "slug" else [])


def test_former_name_of_a_merged_cluster_is_a_possible_duplicate_of_the_last_successor(merged_cluster):
    (row,) = checked_rows([HEAD, ["", "", "Seeoptik Verein", "DE", ""]])

    assert row.outcome == "duplicate"
    assert [match["cluster"] for match in row.matches] == [light().pk]


def test_id_and_slug_of_both_are_one_cluster(merged_cluster):
    rows = checked_rows(
        [HEAD, [merged_cluster.public_id, "light", "", "", "+49 1 2345"], ["", "hill", "", "", "+49 1 9999"]]
    )

    assert (rows[0].outcome, rows[0].cluster) == ("update", light())
    assert rows[1].messages == {"": ["Line 2 is about the same cluster. Keep one of the two lines."]}


def test_two_of_one_name_that_were_merged_are_one():
    target, source = (ClusterFactory(name="Same Name", country_id="DE") for _ in range(2))
    merge(target=target, source=source, by=None, reason=WHY)

    (row,) = checked_rows([HEAD, ["", "", "Same Name", "DE", "+49 1 2345"]])

    assert (row.outcome, row.cluster) == ("update", target)


def test_archived_cluster_without_successor_is_an_error_and_never_updated():
    cluster = ClusterFactory(name="Closed Cluster", country_id="DE", slug="closed", published=True)
    archive_clusters(clusters=[cluster], reason="Closed.")

    by_slug, same, by_name = (
        checked_rows([HEAD, line])[0]
        for line in (
            ["", "closed", "", "", "+49 1 2345"],
            ["", "closed", "Closed Cluster", "DE", ""],
            ["", "", "Closed Cluster", "DE", "+49 1 2345"],
        )
    )

    assert (by_slug.outcome, same.outcome, by_name.outcome) == ("error", "unchanged", "duplicate")
    assert "Closed Cluster is archived and no cluster goes on with its work" in by_slug.messages[""][0]
    assert by_name.matches[0]["reasons"] == [
        "Same name and country",
        "Archived, and nothing goes on with its work: publish it again before it can be updated",
    ]
    row = ImportRow.objects.get(pk=by_name.pk)
    done = decide.decide_rows(spreadsheet=row.spreadsheet, decisions={row.pk: RowDecision("update")})
    assert "Closed Cluster is archived" in done.refused[0]
    assert decide.decide_rows(spreadsheet=row.spreadsheet, decisions={row.pk: RowDecision("new")}).count == 1


def test_a_merge_between_check_and_proposal_is_followed_and_two_lines_become_one():
    one, two = (ClusterFactory(name=name, country_id="DE") for name in ("Lake Optics", "Hill Photonics"))
    spreadsheet = checked(
        csv_bytes([HEAD, ["", "", "Hill Photonics", "DE", "+49 2 222"], ["", "", "Lake Optics", "DE", "+49 1 111"]])
    )
    merge(target=one, source=two, by=None, reason=WHY)

    proposed(spreadsheet)

    first, second = spreadsheet.rows.order_by("number")
    assert (first.submission.target, first.submission.payload) == (one, {"phone": "+49 2 222"})
    assert second.messages == {"": ["Line 2 is about the same cluster now. Keep one of the two lines."]}


def test_a_cluster_that_was_archived_between_check_and_proposal():
    left, led = (
        ClusterFactory(name=name, country_id="DE", published=True) for name in ("Lake Optics", "Hill Photonics")
    )
    new = ClusterFactory(name="Great Light Alliance", country_id="DE")
    spreadsheet = checked(
        csv_bytes([HEAD, ["", "", "Lake Optics", "DE", "+49 1 111"], ["", "", "Hill Photonics", "DE", "+49 2 222"]])
    )
    archive_clusters(clusters=[left, led], reason="Closed.")
    Cluster.objects.filter(pk=led.pk).update(successor=new)

    proposed(spreadsheet)

    first, second = spreadsheet.rows.order_by("number")
    assert first.submission is None
    assert "was archived since the check" in first.messages[""][0]
    assert (second.submission.target, second.notes) == (
        new, ["Hill Photonics is archived and leads on to Great Light Alliance: the row is about that."],
    )  # fmt: skip


def test_update_of_a_cluster_archived_since_waits_for_a_reviewer():
    cluster = ClusterFactory(name="Lake Optics", country_id="DE", published=True)
    spreadsheet = proposed(checked(csv_bytes([HEAD, ["", "", "Lake Optics", "DE", "+49 1 111"]])))
    archive_clusters(clusters=[cluster], reason="Closed.")

    finish(approve.start_approving(spreadsheet=spreadsheet, approver=approver(), wakes=False))

    row = spreadsheet.rows.get()
    assert row.submission.status == "pending"
    assert "Lake Optics was archived since the row was proposed" in row.messages[""][0]


def test_a_merge_is_undone_after_imports_until_its_result_is_touched():
    target = ClusterFactory(name="Hill Photonics", country_id="DE", slug="hill", published=True)
    source = ClusterFactory(name="Lake Optics", country_id="DE", slug="lake", published=True)
    before = checked(csv_bytes([HEAD, ["", "lake", "", "", "+49 1 111"]]))
    log = merge(target=target, source=source, by=None, reason=WHY)
    # The file from before is checked again, and another one names the old slug.
    finish(upload.read_again(spreadsheet=before, wakes=False))
    after = proposed(checked(csv_bytes([HEAD, ["", "lake", "", "", "+49 2 222"]]), "after.csv"))
    assert after.rows.get().submission.target == target
    assert undo_blockers(log) == []

    undo(merge=log, by=None)

    source.refresh_from_db()
    assert (source.status, source.successor, Cluster.objects.get(pk=target.pk).phone) == ("published", None, "")
    assert after.rows.get().cluster == target  # what came after the merge stays there
    # Approved, it touches the result.
    again = merge(target=target, source=source, by=None, reason=WHY)
    accept_all(Submission.objects.get())
    assert "Hill Photonics was changed since: phone, fact sources." in undo_blockers(again)


def test_rows_that_moved_with_a_merge_go_back():
    target, source = (ClusterFactory(name=name, country_id="DE") for name in ("Hill Photonics", "Lake Optics"))
    spreadsheet = checked(csv_bytes([HEAD, ["", "", "Lake Optics", "DE", "+49 1 111"]]))
    log = merge(target=target, source=source, by=None, reason=WHY)
    assert spreadsheet.rows.get().cluster == target

    undo(merge=log, by=None)

    assert spreadsheet.rows.get().cluster == source
    propose.start_proposing(spreadsheet=spreadsheet, wakes=False)
    finish(spreadsheet)
    assert spreadsheet.rows.get().submission.target == source


def test_a_circle_of_successors_ends(django_assert_num_queries):
    one, two = (ClusterFactory(status="archived") for _ in range(2))
    Cluster.objects.filter(pk=one.pk).update(successor=two)
    Cluster.objects.filter(pk=two.pk).update(successor=one)

    with django_assert_num_queries(2):
        trails = trails_of([one.pk])

    assert (trails[one.pk].end, trails[one.pk].is_archived) == (two.pk, True)


LONG = "GAIA – Association of Electronic and Information Technologies in the Basque Country"


NAME_HEAD = ["name", "acronym", "country", "place", "phone"]


@pytest.fixture
def gaia() -> Cluster:
    """Return a public cluster that is known by its acronym."""
    CountryFactory(code="ES", name="Spain")
    return ClusterFactory(name=LONG, acronym="GAIA-X", country_id="ES", place="Bilbao", published=True)


def duplicate(**options):
    spreadsheet = checked(csv_bytes([NAME_HEAD, ["GAIA", "Gaia", "Spain", "Bilbao", "+34 94 1234"]]), **options)
    row = spreadsheet.rows.get()
    assert row.outcome == "duplicate"
    return spreadsheet, row


def decide_update(spreadsheet, row, **options):
    decision = RowDecision("update", row.matches[0]["cluster"], **options)
    assert not decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: decision}).refused
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("fills_only", [False, True])
def test_update_of_a_similar_cluster_leaves_its_name(gaia, fills_only):
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


def test_name_taken_by_staff_makes_the_old_one_a_former_name(gaia):
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


def test_review_page_names_the_new_former_name():
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
def test_is_one_name_ignores_case_punctuation_and_spelling(one, other, is_one):
    assert is_one_name(one, other) is is_one
