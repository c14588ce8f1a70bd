"""Numbers lead to the rows behind them, and a decision shows what it would change before it is made."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue.models import Cluster
from imports.services import decide
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import sign_in
from tests.imports.sheets import checked, csv_bytes, proposed

pytestmark = pytest.mark.django_db
HEAD = ["name", "country", "phone", "summary"]


@pytest.fixture(autouse=True)
def robotics() -> Cluster:
    CountryFactory(code="DE", name="Germany")
    ClusterFactory(name="Known Thing", country_id="DE", phone="+49 1 1111", summary="Long ago.")
    ClusterFactory(name="Other Matter", country_id="DE", phone="+49 1 2222")
    return ClusterFactory(name="Rhine Valley Robotics Alliance", country_id="DE", phone="+49 9 9999")


def sheet(*lines):
    return checked(csv_bytes([HEAD, *lines]))


def address(name, spreadsheet):
    return reverse(f"admin:imports_spreadsheetimport_{name}", args=[spreadsheet.pk])


def shown(client, link) -> list[str]:
    page = client.get(link).content.decode()
    return re.findall(r'class="import-line">(\d+)<', page)


LINES = [
    ["Known Thing", "DE", "+49 7 7777", "Now."], ["Other Matter", "DE", "+49 8 8888", ""],
    ["Fresh One", "DE", "", "A summary."], ["Fresh Matter Two", "DE", "", ""],
    ["Rhine Valley Robotics Alliances", "DE", "+49 1 2345", ""], ["Wrong", "Nowhere", "", ""],
]  # fmt: skip


def test_each_choice_shows_what_it_would_change(robotics):
    spreadsheet = sheet(*LINES)
    page = sign_in("coordinator").get(address("change", spreadsheet) + "?show=undecided").content.decode()

    assert "<del>+49 9 9999</del> → <ins>+49 1 2345</ins>" in page
    # There, and only there, is a form around the choices.
    everything = sign_in("coordinator").get(address("change", spreadsheet)).content.decode()
    assert 'type="radio"' not in everything
    # Who cannot decide sees what the row may be, and no choice.
    page = sign_in("read-only").get(address("change", spreadsheet) + "?show=undecided").content.decode()
    assert "<del>" not in page


def test_a_choice_that_would_be_refused_says_so_before(robotics):
    spreadsheet = sheet(*LINES)
    Cluster.objects.filter(pk=robotics.pk).update(status="archived")
    page = sign_in("coordinator").get(address("change", spreadsheet) + "?show=undecided").content.decode()

    assert "Cannot be updated: Rhine Valley Robotics Alliance is archived" in page


def test_the_choices_of_many_rows_take_the_same_queries():
    client, counts = sign_in("coordinator"), []
    for number in range(12):
        ClusterFactory(name=f"Danube Delta Mechatronics {'abcdefghijkl'[number]}ing Ring", country_id="DE")
    for size in (1, 12):
        lines = [[f"Danube Delta Mechatronic {'abcdefghijkl'[n]}ing Ring", "DE", "+49 1 2345", ""] for n in range(size)]
        spreadsheet = sheet(*lines)
        assert decide.undecided(spreadsheet).count() == size
        client.get(address("change", spreadsheet) + "?show=undecided")
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address("change", spreadsheet) + "?show=undecided").content.decode()
        assert page.count("import-update") >= size
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_list_counts_in_words_and_leads_to_the_rows():
    client, spreadsheet = sign_in("coordinator"), sheet(*LINES)
    page = client.get(reverse("admin:imports_spreadsheetimport_changelist")).content.decode().replace("\u00a0", " ")
    links = dict(re.findall(r'<a href="([^"]+\?show=[^"]+)">([^<]+)</a>', page))

    assert sorted(links.values()) == ["1 error", "1 possible duplicate", "2 new", "2 updates"]
    for link, label in links.items():
        assert len(shown(client, link.replace("&amp;", "&"))) == int(label.split()[0])
    tabs = client.get(address("change", spreadsheet)).content.decode()
    assert '<span class="value">1</span> Possible duplicate</a>' in tabs
    assert '<span class="value">2</span> Updates</a>' in tabs


def test_the_page_of_approval_leads_to_rows_and_fields():
    client, spreadsheet = sign_in("coordinator"), sheet(*LINES)
    assert shown(client, address("change", spreadsheet) + "?show=ready") == ["2", "3", "4", "5"]
    proposed(spreadsheet)
    page = client.get(address("approve", spreadsheet)).content.decode()
    links = {label: link.replace("&amp;", "&") for link, label in re.findall(r'<a href="([^"]+)">([^<]+)</a>', page)}
    rows = {label: shown(client, link) for label, link in links.items() if "?show=" in link}

    assert rows == {
        "4 submissions": ["2", "3", "4", "5"], "2 new clusters": ["4", "5"], "1 without summary": ["5"],
        "2 updates": ["2", "3"], "Public phone (2)": ["2", "3"], "Summary (1)": ["2"],
    }  # fmt: skip
    page = client.get(links["Summary (1)"]).content.decode()
    assert "Update waiting: Summary" in page
    # The download holds the same rows.
    assert "report.csv?show=waiting-update&amp;field=summary" in page
