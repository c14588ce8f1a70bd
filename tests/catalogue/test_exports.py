"""Files, feed, frame and descriptions: the page's set, all of it, and nothing else."""

import json
import xml.etree.ElementTree as ElementTree
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from openpyxl import load_workbook

from catalogue.exports.columns import columns
from catalogue.index.catalogue_index import current_index
from catalogue.models import Cluster, EmbedOrigin
from tests.catalogue.readers import content, read_csv, read_xlsx
from tests.factories.catalogue import ClusterFactory

pytestmark = pytest.mark.both_databases

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_runs_as_a_formula(client: Client, start: str) -> None:
    evil = f'{start}HYPERLINK("https://evil.example","x")'
    cluster = ClusterFactory(published=True, name="Plain", phone="+34 900")
    # Past the model, which would strip invisible characters at the beginning.
    Cluster.objects.filter(pk=cluster.pk).update(summary=evil)

    row = read_csv(client)[0]
    book = load_workbook(BytesIO(content(client.get("/clusters/export.xlsx"))))

    assert row["summary"] == f"'{evil}" or (start == "\r" and row["summary"].startswith("'"))
    cells = [cell for line in book["Clusters"].iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "d", "inlineStr"}
    if start != "\r":
        assert evil in [cell.value for cell in cells]


@pytest.mark.django_db
def test_csv_keeps_to_the_conventions_of_spreadsheets(client: Client) -> None:
    ClusterFactory(published=True, name='Quotes "and", commas', summary="Two\nlines; semicolon", acronym="Ä€")

    raw = content(client.get("/clusters/export.csv"))

    assert raw.startswith(b"\xef\xbb\xbfid,slug,name,")
    assert b"\r\n" in raw
    assert b'"Quotes ""and"", commas"' in raw
    for separator, delimiter in (("comma", ","), ("semicolon", ";"), ("tab", "\t")):
        row = read_csv(client, f"separator={separator}", delimiter)[0]
        assert (row["name"], row["summary"], row["acronym"]) == ('Quotes "and", commas', "Two\nlines; semicolon", "Ä€")


@pytest.mark.django_db
def test_control_characters_and_long_texts_do_not_break_a_file(client: Client) -> None:
    ClusterFactory(published=True, name="Odd \x0b name", description="x" * 40_000)

    row = read_xlsx(client)[0]

    assert len(row["description"]) == 32_767
    assert row["name"].startswith("Odd ")
    ElementTree.fromstring(content(client.get("/clusters/feed.atom")))  # noqa: S314 - our own answer


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["export.csv", "export.xlsx", "export.json", "export.geojson", "feed.atom", "embed/"])
def test_nothing_unpublished_leaves(client: Client, path: str) -> None:
    shown = ClusterFactory(published=True, name="Shown")
    ClusterFactory(name="Leak one", successor=shown)
    ClusterFactory(name="Leak two", status="archived", successor=shown)

    body = content(client.get(f"/clusters/{path}"))

    if path.endswith("xlsx"):
        assert [row["name"] for row in read_xlsx(client)] == ["Shown"]
    else:
        assert b"Shown" in body
        assert b"Leak" not in body


@pytest.mark.django_db
def test_empty_set_is_still_a_sound_file(client: Client) -> None:
    assert read_csv(client) == []
    assert read_xlsx(client) == []
    assert json.loads(content(client.get("/clusters/export.json")))["results"] == []
    assert json.loads(content(client.get("/clusters/export.geojson")))["features"] == []
    assert "No cluster fits" in client.get("/clusters/embed/").content.decode()


@pytest.mark.django_db
def test_number_of_queries_grows_with_batches_not_rows(client: Client, django_assert_num_queries: Any) -> None:
    for count in (1, 3):
        ClusterFactory.create_batch(count, published=True)
        current_index()
        with django_assert_num_queries(7):  # version, rows, terms, networks, target markets, figures, sources
            content(client.get("/clusters/export.csv"))


def test_documented_columns_are_the_columns() -> None:
    text = (django_settings.BASE_DIR / "docs" / "exports.md").read_text(encoding="utf-8")
    documented = [line.split("|")[1].strip(" `") for line in text.splitlines() if line.startswith("| `")]

    assert documented == [column.name for column in columns("")]


@pytest.mark.django_db
def test_frame_is_refused_until_staff_allows_a_site(client: Client) -> None:
    ClusterFactory(published=True, name="Shown")

    closed = client.get("/clusters/embed/")
    EmbedOrigin.objects.create(origin="https://partner.example")
    EmbedOrigin.objects.create(origin="https://other.example:8443")
    opened = client.get("/clusters/embed/")

    assert "frame-ancestors 'none'" in closed["Content-Security-Policy"]
    assert closed["X-Frame-Options"] == "DENY"
    assert "frame-ancestors https://other.example:8443 https://partner.example" in opened["Content-Security-Policy"]
    assert "X-Frame-Options" not in opened
    assert "frame-ancestors 'none'" in client.get("/clusters/")["Content-Security-Policy"]
    assert not opened.cookies
    assert "<script" not in opened.content.decode()


@pytest.mark.parametrize(
    "origin",
    [
        "partner.example",
        "https://partner.example/",
        "https://*",
        "http://partner.example",
        "https://a.example; script-src *",
        "'self'",
    ],
)
def test_wrong_origin_is_refused(origin: str) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match="Give only scheme and host"):
        EmbedOrigin(origin=origin).clean_fields()
