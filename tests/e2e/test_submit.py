"""The public form in a real browser: new cluster, correction, keyboard, without JavaScript, axe, narrow screens."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import faults_in_both_schemes, serious_faults
from tests.e2e.conftest import Portal

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def _at_once(portal: Portal) -> Iterator[None]:
    """Let forms be sent as fast as a program fills them in."""
    _shell(portal, "SubmissionPolicy.objects.update_or_create(pk=1, defaults={'minimum_seconds': 0})")
    yield
    _shell(portal, "SubmissionPolicy.objects.all().delete()")


def _shell(portal: Portal, line: str) -> str:
    return portal.shell(f"from catalogue.models import *\nfrom submissions.models import *\nprint({line})")


def address() -> str:
    """Return an address that nobody had before."""
    return f"ada-{uuid4().hex[:8]}@photonics.example"


def link_in_mail(portal: Portal, to: str, subject: str) -> str:
    """Send what waits, and return the path of the link in the latest mail to ``to`` with such a subject."""
    portal.shell("from outbox.tasks import send_mail\nsend_mail()")
    folder = Path(portal.environment["DATA_DIR"]) / "outbox"
    for _ in range(50):
        for file in sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True):
            import email
            import email.policy

            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if mail["To"] and to in str(mail["To"]) and subject in str(mail["Subject"]):
                body = mail.get_body(preferencelist=("plain",))  # type: ignore[attr-defined]
                found = re.search(r"(/submit/(?:link|status)/[^\s]+)", body.get_content())
                assert found
                return found[1]
        time.sleep(0.2)
    pytest.fail(f"No mail with {subject!r} to {to}")


def first_step(page: Page, email: str, name: str = "Alpine Photonics Cluster") -> None:
    """Fill in and send the first step."""
    page.get_by_label("Country").select_option(label="Austria")
    page.get_by_label("Name of the cluster").fill(name)
    page.get_by_label("Your e-mail").fill(email)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name="What does the cluster do?", level=1)).to_be_visible()


def rest_of_the_form(page: Page) -> None:
    """Go through the other steps to the check page."""
    page.get_by_label("Summary").fill("Gathers firms of the Alps that build lasers.")
    for heading in ("Who belongs to it, and where is it?", "How do people reach it?", "Check and send"):
        page.get_by_role("button", name="Save and go on").last.click()
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


@pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no javascript"])
def test_submit_confirm_and_wait_for_the_review(open_page: OpenPage, portal: Portal, has_javascript: bool) -> None:
    email = address()
    page = open_page("/submit/", java_script_enabled=has_javascript)
    first_step(page, email, name=f"Sonnblick Optics {has_javascript}")
    page.get_by_label("Health", exact=True).check()
    rest_of_the_form(page)
    profile = page.get_by_role("article")
    expect(profile.get_by_role("heading", name=f"Sonnblick Optics {has_javascript}")).to_be_visible()
    expect(profile.get_by_role("link", name="Health")).to_be_visible()
    page.get_by_role("link", name="Add: Region").click()
    expect(page.get_by_label("Region", exact=False).first).to_be_in_viewport()
    page.go_back()
    page.get_by_label("It has at least 15 committed members").check()
    page.get_by_label("I have read the privacy notice and agree to it.").check()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    assert _shell(portal, f"Submission.objects.get(submitter_email='{email}').status") == "unconfirmed"

    page.goto(link_in_mail(portal, email, "Please confirm"))
    assert _shell(portal, f"Submission.objects.get(submitter_email='{email}').status") == "unconfirmed"
    page.get_by_role("button", name="Yes, confirm").click()

    expect(page.get_by_role("heading", name="In review")).to_be_visible()
    assert _shell(portal, f"Submission.objects.get(submitter_email='{email}').status") == "pending"
    page.get_by_text("Take it back", exact=True).click()
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_role("heading", name="Taken back")).to_be_visible()


def test_correction_by_magic_link(open_page: OpenPage, portal: Portal) -> None:
    email = address()
    page = open_page("/clusters/gaia/")
    page.get_by_role("link", name="Correct this profile").click()
    page.get_by_label("Your e-mail").fill(email)
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()

    page.goto(link_in_mail(portal, email, "Correct the profile"))
    page.get_by_role("button", name="Open the form").click()
    expect(page.get_by_role("heading", name="Correct the profile", level=1)).to_be_visible()
    expect(page.get_by_label("Founded in")).to_have_value("1983")
    # The regions follow the country.
    with page.expect_response(lambda response: "country=AT" in response.url):
        page.get_by_label("Country", exact=True).select_option(label="Austria")
    expect(page.get_by_label("Region", exact=False).first).to_have_value("")
    with page.expect_response(lambda response: "country=ES" in response.url):
        page.get_by_label("Country", exact=True).select_option(label="Spain")
    page.get_by_label("Region", exact=False).first.select_option(label="Basque Country (País Vasco / Euskadi)")
    page.get_by_label("Founded in").fill("1984")
    page.get_by_role("button", name="Save and go on").last.click()
    expect(page.get_by_role("heading", name="Check and send", level=1)).to_be_visible()
    expect(page.locator(".is-changed")).to_have_count(1)
    page.get_by_label("I have read the privacy notice and agree to it.").check()
    page.get_by_role("button", name="Send to the reviewers").click()

    expect(page.get_by_role("heading", name="In review")).to_be_visible()
    row = _shell(portal, f"Submission.objects.get(submitter_email='{email}').payload")
    assert row == "{'founded': 1984}"


def test_long_texts_are_counted_large_pictures_stopped_and_later_means_saved(
    open_page: OpenPage, tmp_path: Path
) -> None:
    email, large = address(), tmp_path / "large.png"
    large.write_bytes(b"0" * 5_000_000)
    page = open_page("/submit/")
    first_step(page, email, name=f"Sonnblick {email}")
    summary = page.get_by_label("Summary")
    summary.focus()
    page.keyboard.insert_text("x" * 700)

    assert len(summary.input_value()) == 700, "nothing is cut"
    expect(page.locator("#id_summary_count")).to_have_text("700 of 600 characters: 100 too many")
    expect(page.locator("#id_summary_count + [role=status]")).to_have_text("700 of 600 characters: 100 too many.")
    summary.fill("Builds lasers.")
    expect(page.locator("#id_summary_count")).to_have_text("14 of 600 characters")
    expect(page.locator("#id_summary_count + [role=status]")).to_have_text("")

    page.get_by_label("Logo").set_input_files(large)
    expect(page.get_by_role("alert")).to_have_text("This file has 5.0 MB; at most 1 MB fit. Choose a smaller one.")
    page.get_by_role("button", name="Save for later").click()
    expect(page.get_by_label("Logo")).to_be_focused()
    expect(summary).to_have_value("Builds lasers.")
    page.get_by_label("Logo").set_input_files([])
    expect(page.get_by_role("alert")).to_have_text("")
    page.get_by_role("button", name="Save for later").click()

    expect(page.get_by_role("status").filter(has_text="You can close this page.")).to_be_focused()
    expect(page.get_by_text("Search in S3 priorities")).to_have_count(1)
    assert serious_faults(page) == []


def test_a_known_cluster_is_found_while_the_name_is_typed(open_page: OpenPage) -> None:
    page = open_page("/submit/")
    page.get_by_label("Name of the cluster").press_sequentially("South Wales Cy", delay=20)

    expect(page.get_by_text("Is it one of these?")).to_be_visible()
    page.get_by_role("link", name=re.compile("Correct it.*South Wales Cyber")).click()
    expect(page.get_by_role("heading", name="Correct this profile", level=1)).to_be_visible()


def test_form_is_filled_and_sent_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/submit/")
    page.get_by_label("Country").focus()
    page.keyboard.type("Austr")
    page.keyboard.press("Tab")
    page.keyboard.type("Keyboard Photonics")
    for _ in range(5):  # acronym, former names, website, e-mail; nobody lands in the trap
        page.keyboard.press("Tab")
        label = page.evaluate("document.activeElement.labels?.[0]?.textContent.trim()")
        assert label, "every stop has a name"
        assert "Leave this field empty" not in label
        if label.startswith("Your e-mail"):
            page.keyboard.type(address())
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What does the cluster do?", level=1)).to_be_visible()

    # A list of terms opens, is searched and ticked by keys; Enter in the search sends nothing.
    sectors = page.get_by_role("group", name="Target markets")
    sectors.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("austri")
    page.keyboard.press("Enter")
    expect(sectors.get_by_role("checkbox")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(sectors.locator("summary")).to_contain_text("1 chosen: Austria")


def test_mistakes_get_the_focus_and_lead_to_their_fields(open_page: OpenPage) -> None:
    page = open_page("/submit/")
    page.get_by_role("button", name="Save and go on").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Your e-mail").click()
    expect(page.get_by_label("Your e-mail")).to_be_focused()
    assert serious_faults(page) == []


def token_pages(open_page: OpenPage, portal: Portal) -> dict[str, str]:
    """Return the paths of pages with tokens, made by walking through the form once."""
    email = address()
    page = open_page("/submit/")
    first_step(page, email, name=f"Glockner Optics {email[:8]}")
    draft = page.url.removeprefix(portal.url)
    paths = {name: draft.replace("/what/", f"/{name}/") for name in ("who", "what", "members", "contact", "check")}
    paths["link"] = link_in_mail(portal, email, "Go on with")
    row = f"Submission.objects.get(submitter_email='{email}')"
    code = (
        "from submissions import links\n"
        "from submissions.services import review, submit\n"
        "from submissions.services.request_changes import request_changes\n"
        "from submissions.models import *\n"
        f"row = {row}\n"
        "row = submit.propose(kind='new', channel='form', email=row.submitter_email,"
        " values={**row.payload, 'summary': 'Lasers.'})\n"
        "from django.contrib.auth.models import User\n"
        "row = request_changes(submission=row, reviewer=User.objects.first(), snapshot=review.current_snapshot(row),"
        " fields=['summary', 'region', 'verticals'], text='Which lasers?')\n"
        "print(links.status_path(row))"
    )
    paths["status"] = portal.shell(code).splitlines()[-1]
    return {**paths, "change": f"{paths['status']}change/"}


def test_every_page_of_the_form_is_accessible_and_never_scrolls_sideways(open_page: OpenPage, portal: Portal) -> None:
    paths = {
        "begin": "/submit/", "again": "/submit/link/", "refused": "/submit/link/x/", "update": "/clusters/gaia/update/",
        **token_pages(open_page, portal),
    }  # fmt: skip
    faults: dict[str, list[str]] = {}
    page = open_page("/submit/")
    for name, path in paths.items():
        page.goto(path)
        expect(page.locator("h1")).to_have_count(1)
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        if found := faults_in_both_schemes(page):
            faults[name] = found
        for width in (320, 390, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                faults[f"{name} at {width}"] = ["scrolls sideways"]
    assert faults == {}


def test_the_check_page_prints_without_its_controls(open_page: OpenPage) -> None:
    page = open_page("/submit/")
    first_step(page, address(), name=f"Printed Optics {uuid4().hex[:6]}")
    rest_of_the_form(page)
    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Send", exact=True)).to_be_hidden()
    expect(page.get_by_role("navigation", name="Steps")).to_be_hidden()
    expect(page.locator(".overview").get_by_text("Gathers firms of the Alps that build lasers.")).to_be_visible()
    # The address is the key to the form.
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("[data-printed]")).to_contain_text("Cluster Portal, printed on")
    expect(page.locator("[data-printed]")).not_to_contain_text("/submit/")


def test_the_proof_of_work_lets_a_browser_through(open_page: OpenPage, portal: Portal) -> None:
    _shell(portal, "SubmissionPolicy.objects.update(needs_challenge=True)")
    try:
        page = open_page("/submit/")
        expect(page.get_by_text("The check is done.")).to_be_visible(timeout=30_000)
        first_step(page, address(), name=f"Checked Optics {uuid4().hex[:6]}")
    finally:
        _shell(portal, "SubmissionPolicy.objects.update(needs_challenge=False)")
