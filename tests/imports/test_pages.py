"""The pages of imports: who may what, the whole way by forms, constant queries, downloads."""

import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue.models import Cluster
from imports.models import SpreadsheetImport
from imports.services import claims, decide
from spreadsheets import isolated
from spreadsheets.reader import MAX_BYTES
from submissions.models import Submission
from tests.factories.catalogue import ClusterFactory, CountryFactory, TermFactory
from tests.factories.consortium import EDITORS, READERS, ROLES, sign_in
from tests.factories.submissions import accept_all
from tests.imports.sheets import checked, csv_bytes, finish, proposed, uploaded

pytestmark = pytest.mark.django_db

LINES = [
    ["name", "country", "phone"], ["Rhine Valley Robotics Alliances", "DE", "+49 1 2345"], ["Fresh <b>Cluster</b>", "DE", ""],
    ["Wrong", "Nowhere", ""], ["Known Thing", "DE", "+49 7 7777"],
]  # fmt: skip


@pytest.fixture(autouse=True)
def _catalogue():
    CountryFactory(code="DE", name="Germany")
    TermFactory(name="Health", slug="health")
    ClusterFactory(name="Rhine Valley Robotics Alliance", country_id="DE")
    ClusterFactory(name="Known Thing", country_id="DE", phone="+49 1 1111")


def address(name: str, spreadsheet: SpreadsheetImport | None = None, *more: str) -> str:
    args = [spreadsheet.pk, *more] if spreadsheet else []
    return reverse(f"admin:imports_spreadsheetimport_{name}", args=args)


@pytest.mark.parametrize("role", [*ROLES, *({"reviewer"} - set(ROLES))])
def test_pages_of_imports_answer_by_role(role):
    spreadsheet = checked(csv_bytes(LINES))
    client = sign_in(role)

    def statuses(*calls):
        return [
            client.get(address(*call)).status_code if method == "get" else client.post(address(*call), data).status_code
            for method, call, data in calls
        ]

    seen = statuses(
        ("get", ("changelist",), None), ("get", ("change", spreadsheet), None), ("get", ("download", spreadsheet, "csv"), None),
        ("get", ("progress", spreadsheet), None), ("get", ("history", spreadsheet), None),
    )  # fmt: skip
    written = statuses(
        ("get", ("add",), None), ("get", ("columns", spreadsheet), None),
        ("post", ("decide", spreadsheet), {"alike": "1", "decision": "perhaps"}),
        ("post", ("act", spreadsheet), {"act": "retry"}),
    )  # fmt: skip
    approving = statuses(("get", ("approve", spreadsheet), None), ("post", ("approve", spreadsheet), {}))

    if role == "anonymous":
        assert set(seen + written + approving) == {302}
        return
    assert seen == ([200] * 5 if role in READERS else [403] * 5)
    assert written == ([200, 200, 302, 302] if role in EDITORS else [403] * 4)
    assert approving == ([200, 200] if role in EDITORS else [403, 403])
    # Nobody edits or deletes an import by hand.
    assert client.post(address("change", spreadsheet), {"file_name": "x"}).status_code in (200, 403)
    assert client.get(address("delete", spreadsheet)).status_code == 403
    spreadsheet.refresh_from_db()
    assert (spreadsheet.file_name, spreadsheet.status, Submission.objects.count()) == ("clusters.csv", "checked", 0)


def test_who_may_not_publish_cannot_publish_by_approving():
    from django.contrib.auth.models import Permission

    from tests.factories.consortium import UserFactory

    spreadsheet = proposed(checked(csv_bytes(LINES)))
    user = UserFactory(username="limited")
    user.user_permissions.set(
        Permission.objects.filter(
            codename__in=["view_spreadsheetimport", "approve_import"], content_type__app_label="imports"
        )
    )
    client = sign_in("anonymous")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")

    assert "become public at once" not in client.get(address("approve", spreadsheet)).content.decode()
    assert client.post(address("approve", spreadsheet), {"new": "publish"}).status_code == 403
    assert client.post(address("approve", spreadsheet), {"new": "identified"}).status_code == 302


def test_the_whole_way_by_forms(django_capture_on_commit_callbacks):
    client = sign_in("coordinator")
    file = SimpleUploadedFile("Klusters Juni.csv", csv_bytes(LINES, encoding="cp1252", separator=";"))

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address("add"), {"file": file})
    spreadsheet = SpreadsheetImport.objects.get()
    assert response.headers["Location"] == address("change", spreadsheet)
    assert client.get(address("change", spreadsheet)).headers["Location"] == address("columns", spreadsheet)
    page = client.get(address("columns", spreadsheet)).content.decode()
    assert "Rhine Valley Robotics Alliances" in page

    refused = client.post(
        address("columns", spreadsheet), {"action": "check", "column-0": "name", "column-1": "", "column-2": "phone"}
    )
    assert "No column is chosen for: Country" in refused.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        chosen = {"action": "check", "column-0": "name", "column-1": "country", "column-2": "phone", "mode": "replace"}
        assert client.post(address("columns", spreadsheet), chosen).headers["Location"] == address(
            "change", spreadsheet
        )
    page = client.get(address("change", spreadsheet)).content.decode()
    assert "2 rows</a> can be proposed" in page
    assert "Fresh &lt;b&gt;Cluster&lt;/b&gt;" in page
    assert "<del>+49 1 1111</del>" in page
    assert "is no country that we know" in page

    row = decide.undecided(spreadsheet).get()
    page = client.get(address("change", spreadsheet) + "?show=undecided").content.decode()
    choice = f"update:{row.matches[0]['cluster']}"
    assert f'value="{choice}"' in page
    client.post(address("decide", spreadsheet), {f"row-{row.pk}": choice, f"was-{row.pk}": "", "show": "undecided"})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("act", spreadsheet), {"act": "propose"})
    assert Submission.objects.count() == 3

    page = client.get(address("change", spreadsheet)).content.decode()
    assert f"/admin/submissions/submission/?import={spreadsheet.pk}" in page
    queue = client.get(f"/admin/submissions/submission/?import={spreadsheet.pk}").content.decode()
    assert "Known Thing" in queue
    other = client.get("/admin/submissions/submission/?import=987654").content.decode()
    assert "Known Thing" not in other

    assert "Approve 3 submissions" in client.get(address("approve", spreadsheet)).content.decode()
    assert not Cluster.objects.filter(name__startswith="Fresh").exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("approve", spreadsheet), {"new": "identified"})
    assert Cluster.objects.get(name__startswith="Fresh").status == "identified"
    assert Cluster.objects.get(name="Known Thing").phone == "+49 7 7777"
    assert "Every submission of this import is decided" in client.get(address("change", spreadsheet)).content.decode()
    assert "Nothing of this import waits" in client.get(address("approve", spreadsheet)).content.decode()


def test_the_file_can_be_read_in_another_way():
    client = sign_in("catalogue editor")
    text = "Title\nname;country\nŁódź;DE\n"
    client.post(address("add"), {"file": SimpleUploadedFile("x.csv", text.encode("cp1250"))})
    spreadsheet = finish(SpreadsheetImport.objects.get())

    def read(**how):
        client.post(address("columns", spreadsheet), {"action": "read", "separator": ";", **how})
        return finish(spreadsheet)

    read(encoding="cp1250")
    read(encoding="cp1250", header_line="2")
    page = client.get(address("columns", spreadsheet)).content.decode()
    assert "Łódź" in page
    assert "it is read as Windows-1250" in page

    read(encoding="utf-8-sig")
    page = client.get(address("columns", spreadsheet)).content.decode()
    assert "is not written in UTF-8" in page
    assert "Łódź" in page
    assert (spreadsheet.encoding, spreadsheet.header_line) == ("cp1250", 2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"", "This file is empty"),
        ("x.pdf", b"%PDF-1.4", "is no spreadsheet"),
        ("x.csv", b"x" * (MAX_BYTES + 1), "has 20 MB, at most 20 MB can be read"),
        ("x.xls", b"name,country\nA,DE\n", "save it as .xlsx or CSV"),
        ("Liste.ODS", b"name,country\nA,DE\n", "save it as .xlsx or CSV"),
    ],
)
def test_an_upload_that_is_refused_says_why(name, content, message):
    page = sign_in("catalogue editor").post(address("add"), {"file": SimpleUploadedFile(name, content)})

    assert message in page.content.decode()
    assert SpreadsheetImport.objects.count() == 0
    assert "Choose a file first" in sign_in("catalogue editor").post(address("add"), {}).content.decode()


def test_an_upload_is_read_by_the_worker_alone_and_the_page_says_how_far_it_is(monkeypatch):
    client = sign_in("coordinator")
    with monkeypatch.context() as web:
        # A web process neither unpacks nor decodes anything.
        web.setattr(isolated, "inspect_file", None)
        web.setattr("zipfile.ZipFile", None)
        client.post(address("add"), {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 and no more")})
        spreadsheet = SpreadsheetImport.objects.get()
        page = client.get(address("change", spreadsheet)).content.decode()
    assert (spreadsheet.status, claims.waiting()) == ("reading", [spreadsheet.pk])
    assert client.get(address("columns", spreadsheet)).headers["Location"] == address("change", spreadsheet)
    assert "<strong>Being read</strong>: x.xlsx" in page
    assert "every 2s" in page
    assert "Look again" in page  # without scripts
    assert client.get(address("progress", spreadsheet)).content.decode().count("<progress") == 1

    finish(spreadsheet)

    assert client.get(address("progress", spreadsheet)).headers["HX-Refresh"] == "true"
    page = client.get(address("change", spreadsheet)).content.decode()
    assert "x.xlsx is damaged. Open it in a spreadsheet program" in page
    assert "Try again" in page
    assert (spreadsheet.status, spreadsheet.stopped_in) == ("failed", "reading")


def test_a_file_that_could_not_be_read_can_be_read_in_another_way():
    client = sign_in("coordinator")
    content = csv_bytes(LINES, encoding="utf-16-le")
    client.post(address("add"), {"file": SimpleUploadedFile("x.csv", b"AB" + content)})
    spreadsheet = SpreadsheetImport.objects.get()
    SpreadsheetImport.objects.update(requested_layout={"encoding": "utf-8-sig"})
    assert finish(spreadsheet).status == "failed"
    page = client.get(address("columns", spreadsheet)).content.decode()
    assert "this is no text. Choose another encoding" in page
    assert '<option value="">Guess it</option>' in page

    client.post(address("columns", spreadsheet), {"action": "read", "encoding": "utf-16-le", "separator": ""})

    finish(spreadsheet)
    assert (spreadsheet.status, spreadsheet.problem, spreadsheet.encoding) == ("uploaded", "", "utf-16-le")


def test_page_shows_progress_and_no_buttons_while_a_worker_checks():
    client = sign_in("coordinator")
    spreadsheet = checked(csv_bytes(LINES))
    done = client.get(address("progress", spreadsheet))
    assert done.headers["HX-Refresh"] == "true"
    SpreadsheetImport.objects.update(status="checking", rows_done=5, rows_total=20)

    page = client.get(address("change", spreadsheet)).content.decode()

    assert 'max="100" value="25"' in page
    assert "every 2s" in page
    assert "Propose" not in page
    assert client.get(address("progress", spreadsheet)).content.decode().count("<progress") == 1


def test_queries_do_not_grow_with_the_rows():
    client = sign_in("superuser")
    counts = []
    for size in (1, 30):
        lines = [["name", "country", "phone"]]
        lines += [
            [f"Rhine Valley Robotics Alliances {letter}", "DE", ""] for letter in "abcdefghij"[: max(1, size // 3)]
        ]
        lines += [[f"Fresh Number {n}", "DE", "+49 1 2345"] for n in range(size)]
        spreadsheet = proposed(checked(csv_bytes(lines)))
        client.get(address("change", spreadsheet))
        with CaptureQueriesContext(connection) as queries:
            client.get(address("change", spreadsheet))
            client.get(address("change", spreadsheet) + "?show=undecided")
            client.get(address("changelist"))
            client.get(address("approve", spreadsheet))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_pages_filters_and_addresses_that_do_not_exist():
    client = sign_in("superuser")
    lines = [["name", "country"], *[[f"Fresh Number {n}", "DE"] for n in range(120)]]
    spreadsheet = checked(csv_bytes(lines))

    page = client.get(address("change", spreadsheet) + "?show=new&page=3").content.decode()
    assert page.count('class="import-line"') == 20
    for query in ("?show=nonsense", "?page=x", "?page=99"):
        assert client.get(address("change", spreadsheet) + query).status_code == 200
    for missing in (
        "/admin/imports/spreadsheetimport/987654/change/",
        "/admin/imports/spreadsheetimport/x/change/",
    ):
        assert client.get(missing).status_code == 404
    assert client.get(address("download", spreadsheet, "pdf")).status_code == 404
    assert client.get(address("decide", spreadsheet)).status_code == 404
    assert client.post(address("act", spreadsheet), {"act": "explode"}).status_code == 404


def test_the_report_can_be_downloaded_and_runs_nothing():
    client = sign_in("read-only")
    spreadsheet = checked(csv_bytes([*LINES, ["=HYPERLINK(1)", "DE", ""]]))

    text = b"".join(client.get(address("download", spreadsheet, "csv")).streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get(address("download", spreadsheet, "xlsx") + "?show=error").streaming_content))
    )
    cells = list(book.active.values)

    assert [(row["line"], row["outcome"]) for row in rows] == [
        ("2", "Possible duplicate"), ("3", "New"), ("4", "Error"), ("5", "Update"), ("6", "New"),
    ]  # fmt: skip
    assert rows[3]["changes"] == "Public phone: +49 1 1111 → +49 7 7777"
    assert rows[4]["name"] == "'=HYPERLINK(1)"
    assert [(row[0], row[1]) for row in cells] == [("line", "outcome"), (4, "Error")]


def test_message_does_not_repeat_the_name_of_its_field():
    client = sign_in("read-only")
    spreadsheet = checked(csv_bytes([("name", "country", "e-mail"), ("Delta", "DE", "nobody")]))

    shown = client.get(address("change", spreadsheet)).context["report"].lines[0].messages
    text = b"".join(client.get(address("download", spreadsheet, "csv")).streaming_content).decode("utf-8-sig")

    message = "That is no e-mail address. Write it like office@photonics.example."
    assert shown == [("Public e-mail", message)]
    assert [row["messages"] for row in csv.DictReader(io.StringIO(text))] == [f"Public e-mail: {message}"]


def test_cancelled_and_failed_imports_name_the_next_step():
    client = sign_in("coordinator")
    spreadsheet = checked(csv_bytes(LINES))
    client.post(address("act", spreadsheet), {"act": "cancel"})
    finish(spreadsheet)
    assert "Nothing of it became live" in client.get(address("change", spreadsheet)).content.decode()
    again = client.post(address("act", spreadsheet), {"act": "cancel"}, follow=True).content.decode()
    assert "cancelled already" in again

    failed = checked(csv_bytes([["name", "country"]]), "empty.csv")
    page = client.get(address("change", failed)).content.decode()
    assert "there are no rows below the headings" in page
    assert "Try again" in page


def test_an_import_that_waits_for_its_columns_leads_there():
    client = sign_in("coordinator")
    client.post(address("add"), {"file": SimpleUploadedFile("x.csv", csv_bytes(LINES))})
    spreadsheet = finish(SpreadsheetImport.objects.get())

    assert client.get(address("change", spreadsheet)).headers["Location"] == address("columns", spreadsheet)
    proposed(checked(csv_bytes(LINES)))
    other = SpreadsheetImport.objects.get(status="proposed")
    assert client.get(address("columns", other)).headers["Location"] == address("change", other)


def test_row_that_waits_already_is_shown_and_may_be_proposed_once_more(django_capture_on_commit_callbacks):
    client = sign_in("coordinator")
    lines = [["name", "country", "phone"], ["Fresh Cluster", "DE", "?"], ["Known Thing", "DE", "+49 7 7777"]]
    proposed(checked(csv_bytes(lines), "first.csv"))
    again = checked(csv_bytes(lines), "second.csv")
    other = checked(csv_bytes([lines[0], ["Fresh Cluster", "DE", "+49 1 2345"]]), "third.csv")
    waiting = Submission.objects.get(kind="new")

    page = client.get(address("change", again)).content.decode()
    rows = client.get(address("change", again) + "?show=proposed").content.decode()
    third = client.get(address("change", other) + "?show=undecided").content.decode()
    report = b"".join(client.get(address("download", again, "csv"))).decode()

    assert "what this file says waits for review already" in page
    assert "Already proposed by import first.csv, line 2" in rows
    assert reverse("admin:submissions_submission_change", args=[waiting.pk]) in rows
    assert rows.count("Propose it once more all the same") == 2
    assert "These cells say nothing, so the fields stay as they are: Public phone (“?”)." in rows
    assert "waits for review proposes the same cluster: Fresh Cluster (import first.csv, line 2)" in third
    assert 'value="update:"' not in third
    assert "Already proposed by import first.csv, line 2" in report
    assert "These cells say nothing" in report

    row = again.rows.get(number=2)
    client.post(address("decide", again), {f"row-{row.pk}": "new", f"was-{row.pk}": "", "show": "proposed"})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("act", again), {"act": "propose"})
    assert Submission.objects.filter(name="Fresh Cluster").count() == 2


def test_columns_that_are_ignored_are_named_before_the_check():
    client = sign_in("catalogue editor")
    lines = [["name", "country", "Remarks", "Members (2025)", "Colour"], ["A", "DE", "x", "5", "red"]]
    client.post(address("add"), {"file": SimpleUploadedFile("x.csv", csv_bytes(lines))})

    page = client.get(address("columns", finish(SpreadsheetImport.objects.get()))).content.decode()

    assert "2 columns are ignored: Remarks, Colour." in page


def test_an_import_whose_submissions_are_all_decided_says_so():
    client = sign_in("coordinator")
    spreadsheet = proposed(checked(csv_bytes([["name", "country"], ["Fresh One", "DE"], ["Second Matter", "DE"]])))
    first, second = Submission.objects.order_by("pk")

    def states() -> list[str]:
        page = client.get(address("change", spreadsheet)).content.decode()
        row = client.get(address("changelist")).content.decode()
        return [
            label for label in ("Proposed", "All decided") if f">{label}</span>" in page and f">{label}</span>" in row
        ]

    def listed(state) -> bool:
        return "clusters.csv" in client.get(address("changelist"), {"state": state}).content.decode()

    accept_all(first, publish=False)
    assert (states(), listed("proposed"), listed("decided")) == (["Proposed"], True, False)
    accept_all(second, publish=False)
    assert (states(), listed("proposed"), listed("decided")) == (["All decided"], False, True)
    assert not listed("checked")
    assert listed("nonsense")


def test_who_may_only_read_sees_an_import_that_waits_for_its_columns():
    spreadsheet = uploaded(csv_bytes(LINES))

    page = sign_in("read-only").get(reverse("admin:imports_spreadsheetimport_change", args=[spreadsheet.pk]))

    assert page.status_code == 200
    assert spreadsheet.file_name in page.content.decode()
