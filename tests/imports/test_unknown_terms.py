"""Names that nobody knows: reported with a remedy, resolved once for a whole import, their rows checked again."""

import re

import pytest
from django.urls import reverse

from imports.exceptions import ImportRefused
from imports.models import ImportRow, SpreadsheetImport
from imports.services import decide, jobs, unknown_terms, upload
from imports.services.decide import RowDecision
from submissions.models import Submission
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory, TermFactory
from tests.factories.consortium import sign_in
from tests.imports.sheets import checked, checked_rows, csv_bytes, finish, guessed, proposed

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HEAD = ["name", "country", "region", "verticals", "phone"]


@pytest.fixture(autouse=True)
def _places():
    germany = CountryFactory(code="DE", name="Germany", other_names="Deutschland;Allemagne")
    CountryFactory(code="LV", name="Latvia")
    RegionFactory(slug="bavaria", name="Bavaria", country=germany)
    TermFactory(name="Health", slug="health")
    TermFactory(name="Space", slug="space")


LINES = [
    ["One Fresh", "DE", "", "Helth", ""], ["Two Other", "DE", "", "Space; helth ", ""], ["Three More", "DE", "Bavria", "Zorbing", ""],
    ["Four Again", "Deutchland", "", "Space", ""], ["Five Fine", "DE", "", "Space", ""],
    ["Rhine Valley Robotics Alliances", "DE", "", "", "+49 1 2345"], ["Six Wrong", "DE", "", "Space", "nothing to call" * 9],
]  # fmt: skip


def sheet(*lines, **options):
    return checked(csv_bytes([HEAD, *(lines or LINES)]), **options)


def by_text(spreadsheet) -> dict[str, unknown_terms.UnknownTerm]:
    return {term.text: term for term in unknown_terms.unknown_terms(spreadsheet)}


def settle(spreadsheet, **words):
    known = by_text(spreadsheet)
    return unknown_terms.resolve_terms(
        spreadsheet=spreadsheet, chosen={known[text].key: word for text, word in words.items()}, wakes=False
    )


def outcomes(spreadsheet) -> dict[int, str]:
    return dict(spreadsheet.rows.values_list("number", "outcome"))


# --- messages ---


def test_missing_name_and_unknown_country_have_different_messages():
    rows = checked_rows([HEAD, ["", "DE"], ["Sunken Ring", "Atlantis"], ["Sister Ring", "Allemange"]])

    assert rows[0].messages == {"name": ["This is needed. Fill in the cell."]}
    assert rows[1].messages == {
        "country": ["“Atlantis” is no country that we know. Correct it, or ask for it to be added."]
    }
    # Names in other languages count too.
    assert "Is it “Germany”?" in rows[2].messages["country"][0]


def test_each_unknown_name_of_a_list_has_a_message():
    row = checked_rows([HEAD, ["One Fresh", "DE", "", "Helth, Space; Zorbing"]])[0]

    assert "“Helth” is no term that we know. Is it “Health”?" in row.messages["verticals"][0]
    assert "“Zorbing” is no term" in row.messages["verticals"][0]


# --- what staff says ---


def test_unknown_names_are_counted_with_suggestions():
    found = by_text(sheet())

    assert {text: (term.lines, list(term.suggestions)) for text, term in found.items()} == {
        "Helth": ((2, 3), ["health"]), "Bavria": ((4,), ["bavaria"]), "Zorbing": ((4,), []), "Deutchland": ((5,), ["DE"]),
    }  # fmt: skip
    assert not found["Deutchland"].may_be_left_out


def test_a_word_on_each_lets_the_rows_in(django_assert_num_queries):
    spreadsheet = sheet()
    assert spreadsheet.counts == {"error": 5, "new": 2}

    spreadsheet = finish(settle(spreadsheet, Helth="health", Zorbing="-", Bavria="bavaria"))

    assert (spreadsheet.status, spreadsheet.rows_done, spreadsheet.rows_total) == ("checked", 7, 7)
    assert spreadsheet.counts == {"error": 2, "new": 5}
    rows = {row.number: row for row in spreadsheet.rows.all()}
    assert rows[2].values["verticals"] == ["health"]
    assert rows[3].values["verticals"] == ["health", "space"]
    assert "verticals" not in rows[4].values
    assert rows[4].values["region"] == "bavaria"
    assert rows[2].notes == ["“Helth” is read as “Health”, as chosen for this import."]
    assert "“Zorbing” is left out, as chosen for this import." in rows[4].notes
    assert list(by_text(spreadsheet)) == ["Deutchland"]


def test_a_name_left_out_empties_nothing():
    spreadsheet = sheet(["Known Thing", "DE", "Bavria", "Zorbing", "+49 1 2345"])
    bavaria = RegionFactory(slug="hesse", name="Hesse", country_id="DE")
    ClusterFactory(name="Known Thing", country_id="DE", region=bavaria)

    spreadsheet = finish(settle(spreadsheet, Zorbing="-", Bavria="-"))

    assert set(spreadsheet.rows.get().changes) == {"phone"}


def test_the_same_word_twice_does_nothing_the_second_time():
    spreadsheet = sheet()
    words = {by_text(spreadsheet)["Helth"].key: "health"}
    spreadsheet = finish(unknown_terms.resolve_terms(spreadsheet=spreadsheet, chosen=words, wakes=False))
    before = list(spreadsheet.rows.values())

    with pytest.raises(ImportRefused, match="chosen before"):
        unknown_terms.resolve_terms(spreadsheet=spreadsheet, chosen=words)

    assert list(spreadsheet.rows.values()) == before
    for wrong in ({"x": "y"}, {by_text(spreadsheet)["Zorbing"].key: "nonsense"}):
        with pytest.raises(ImportRefused):
            unknown_terms.resolve_terms(spreadsheet=spreadsheet, chosen=wrong)
    with pytest.raises(ImportRefused, match="Country"):
        settle(spreadsheet, Deutchland=unknown_terms.LEAVE_OUT)


def test_resolving_terms_leaves_earlier_decisions():
    ClusterFactory(name="Rhine Valley Robotics Alliance", country_id="DE")
    spreadsheet = sheet()
    row = decide.undecided(spreadsheet).get()
    decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: RowDecision("update")})

    spreadsheet = finish(settle(spreadsheet, Helth="health"))

    row.refresh_from_db()
    assert row.decision == "update"
    # Also after the others were proposed.
    spreadsheet = proposed(spreadsheet)
    count = Submission.objects.count()
    spreadsheet = finish(settle(spreadsheet, Deutchland="DE"))
    assert (spreadsheet.status, Submission.objects.count()) == ("proposed", count)
    proposed(spreadsheet)
    assert Submission.objects.count() == count + 1


def test_a_worker_killed_on_the_way_goes_on_and_stores_each_row_once(monkeypatch):
    from imports.services import dry_run

    monkeypatch.setattr(dry_run, "SLICE", 10)
    lines = [[f"Fresh {word} Ring", "DE", "", "Helth" if n % 3 else "Space", ""] for n, word in enumerate(_WORDS)]
    lines[30:30] = [[""], [""]]
    spreadsheet = sheet(*lines)
    blank, errors = spreadsheet.rows_blank, spreadsheet.counts["error"]
    settle(spreadsheet, Helth="health")

    while jobs.run(spreadsheet.pk, seconds=0):  # stops after every slice
        spreadsheet.refresh_from_db()
        assert spreadsheet.rows.count() == spreadsheet.rows_done

    spreadsheet.refresh_from_db()
    assert (spreadsheet.status, spreadsheet.rows_blank, spreadsheet.rows_done) == ("checked", blank, len(_WORDS))
    assert errors > 20
    assert "error" not in spreadsheet.counts
    assert sum(spreadsheet.counts.values()) == ImportRow.objects.count() == len(_WORDS)


_WORDS = [first + last for first in ("Amber", "Basalt", "Copper", "Dahlia", "Ebony", "Fjord", "Garnet") for last in ("field", "gate", "holm", "mark", "stone", "wick")]  # fmt: skip


def test_choosing_the_columns_again_forgets_resolved_terms():
    spreadsheet = finish(settle(sheet(), Helth="health"))
    targets = guessed(spreadsheet)

    finish(upload.set_columns(spreadsheet=spreadsheet, targets=targets, encoding=spreadsheet.encoding, wakes=False))

    assert "Helth" in by_text(SpreadsheetImport.objects.get())


def test_a_row_that_turns_out_to_be_double_says_so():
    spreadsheet = sheet(["One Fresh", "DE", "", "Helth"], ["One Fresh", "DE", "", "Space"])
    assert outcomes(spreadsheet) == {2: "error", 3: "new"}

    spreadsheet = finish(settle(spreadsheet, Helth="health"))

    assert spreadsheet.rows.get(number=2).messages == {
        "": ["Line 3 is about the same cluster. Keep one of the two lines."]
    }


# --- the page ---


def test_the_page_asks_and_its_numbers_lead_to_the_rows(django_capture_on_commit_callbacks):
    spreadsheet, client = sheet(), sign_in("coordinator")
    address = reverse("admin:imports_spreadsheetimport_change", args=[spreadsheet.pk])
    page = client.get(address).content.decode()
    links = re.findall(r'<a href="(\?show=error&amp;term=[^"]+)">(\d) row', page)
    assert [number for _link, number in links] == ["2", "1", "1", "1"]
    for link, number in links:
        rows = client.get(address + link.replace("&amp;", "&")).content.decode()
        assert rows.count('class="import-line"') == int(number)
    assert "use “Health”" in page
    known = by_text(spreadsheet)
    data = {"term": [known["Zorbing"].key, known["Helth"].key], "word": ["", "health"]}
    terms_address = reverse("admin:imports_spreadsheetimport_terms", args=[spreadsheet.pk])
    assert sign_in("read-only").post(terms_address, data).status_code == 403

    with django_capture_on_commit_callbacks(execute=True):
        client.post(terms_address, data)

    page = client.get(address).content.decode()
    assert "“Helth” (Verticals) is read as “Health”" in page
    assert spreadsheet.rows.filter(outcome="error").count() == 3
    assert "use “" not in sign_in("read-only").get(address).content.decode()
