"""The whole way of a spreadsheet in a real browser, with a real worker: upload, columns, check, decide, propose, approve."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import serious_faults
from tests.e2e.conftest import ROOT, Portal
from tests.imports.sheets import csv_bytes, xlsx_bytes

StaffPage = Callable[..., Page]
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
ADD = "/admin/imports/spreadsheetimport/add/"
PATIENCE = 60_000  # milliseconds until a worker is through, on a busy machine


@pytest.fixture(scope="module")
def worker(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run the worker of the portal."""
    with (tmp_path_factory.mktemp("worker") / "worker.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *PROCFILE["worker"].split()],
            cwd=ROOT,
            env=portal.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def is_accessible(page: Page) -> None:
    """Check what every page promises, at the width it has."""
    # In a tab of its own: axe puts styles into the page, which the policy refuses and the tests would count.
    other = page.context.new_page()
    other.goto(page.url)
    faults = serious_faults(other)
    other.close()
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(("width", "scheme", "name"), [(1440, "light", "Quokka"), (390, "dark", "Numbat")])
def test_spreadsheet_goes_from_upload_to_the_catalogue(
    staff_page: StaffPage, worker: None, tmp_path: Path, width: int, scheme: str, name: str
) -> None:
    file = tmp_path / "clusters of June.xlsx"
    phone = f"+32 2 {width}"
    file.write_bytes(
        xlsx_bytes(
            [
                ["Clusters, June 2026"], [], ["Cluster name", "Land", "Phone", "Vertical markets", "Members", "Own remarks"],
                ["DSP Valley", "Belgium", phone, "Health; Space", "ca. 90", "known"],
                ["Irish Software Inovation Network", "IE", "", "", "", "misspelt"],
                [f"{name} Valley Society", "Austria", "", "Helth", "many", "wrong"],
                [], [f"{name} Research Alliance", "AT", "+43 1 2345", "Photonics", "500+", "new"],
            ]
        )
    )  # fmt: skip
    page = staff_page(ADD, width=width, color_scheme=scheme)
    is_accessible(page)
    page.get_by_label("Spreadsheet").set_input_files(file)
    page.get_by_role("button", name="Upload and look at the columns").click()

    expect(page.get_by_label("Headings are in line")).to_have_value("3", timeout=PATIENCE)
    expect(page.get_by_label("Vertical markets", exact=True)).to_have_value("verticals")
    expect(page.get_by_label("Own remarks", exact=True)).to_have_value("")
    is_accessible(page)
    page.get_by_role("button", name="Check all rows").click()

    expect(page.get_by_text("2 rows can be proposed")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Is it “Health”?")).to_be_visible()
    expect(page.get_by_text("1 blank row passed over")).to_be_visible()
    is_accessible(page)

    page.get_by_role("link", name="Undecided").click()
    page.get_by_label("Skip the row").check()
    is_accessible(page)
    page.get_by_role("button", name="Save these decisions").click()
    expect(page.get_by_text("1 row decided.")).to_be_visible()
    page.get_by_role("button", name="Propose all 2 rows").click()

    expect(page.get_by_text("2 submissions wait for review")).to_be_visible(timeout=PATIENCE)
    public = page.context.new_page()
    public.goto("/clusters/dsp-valley/")
    assert phone not in public.content()
    page.get_by_role("link", name="decide on them one by one").click()
    expect(page.get_by_text(f"{name} Research Alliance").first).to_be_visible()
    page.go_back()

    page.get_by_role("link", name="Approve all 2").click()
    is_accessible(page)
    page.get_by_role("button", name="Approve 2 submissions").click()

    expect(page.get_by_text("Every submission of this import is decided")).to_be_visible(timeout=PATIENCE)
    is_accessible(page)
    public.reload()
    assert phone in public.content()
    public.goto(f"/clusters/?q={name}")
    assert "Research Alliance" not in public.content()
    public.close()


def test_spreadsheet_is_imported_without_scripts_by_keyboard_alone(
    staff_page: StaffPage, worker: None, tmp_path: Path
) -> None:
    file = tmp_path / "clusters.csv"
    file.write_bytes(csv_bytes([["name", "country"], ["Wombat Marine Forum", "Austria"]], encoding="utf-16"))
    page = staff_page(ADD, java_script_enabled=False)
    page.get_by_label("Spreadsheet").set_input_files(file)
    page.get_by_role("button", name="Upload and look at the columns").press("Enter")
    for _ in range(60):
        if page.get_by_role("button", name="Check all rows").count():
            break
        page.wait_for_timeout(1000)
        page.get_by_role("link", name="Look again").press("Enter")
    page.get_by_role("button", name="Check all rows").press("Enter")

    for _ in range(60):
        if page.get_by_text("1 row can be proposed").count():
            break
        page.wait_for_timeout(1000)
        page.get_by_role("link", name="Look again").press("Enter")
    page.get_by_role("button", name="Cancel the import").press("Enter")
    for _ in range(60):
        if page.get_by_text("This import is cancelled.").count():
            break
        page.wait_for_timeout(1000)
        page.reload()

    expect(page.get_by_text("This import is cancelled. Nothing of it became live.")).to_be_visible()
