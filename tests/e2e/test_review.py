"""Reviewing in a real browser: by keyboard, with a refusal, until the cluster is on the public list."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import faults_in_both_schemes, serious_faults
from tests.e2e.conftest import Portal

OpenPage = Callable[..., Page]
QUEUE = "/admin/submissions/submission/"

SEED = """
from catalogue.models import Cluster
from submissions.models import PrivacyNotice, Submission
from submissions.services import drafts, submit
notice = PrivacyNotice.current() or PrivacyNotice.objects.create(version="e2e", text="We publish the contact.")
def send(row):
    row = submit.send(submission=row, notice=notice)
    return submit.confirm(submission=row)
if not Submission.objects.filter(submitter_email="ada@heather.example").exists():
    for name in {names!r}:
        row, _ = drafts.start_draft(
            email="ada@heather.example", submitter_name="Ada Example", criteria={{"team": True, "members": True}},
            values={{
                "country": "IE", "name": name, "summary": "Gathers firms of the heath that build sensors for farms.",
                "description": "It runs a shared field laboratory.", "members": 40, "members_qualifier": "exact",
                "verticals": ["health"], "place": "Galway",
            }},
        )
        send(row)
    gaia = Cluster.objects.get(slug="gaia")
    row, _ = drafts.start_draft(
        kind="update", target=gaia, email="bob@heather.example", is_email_confirmed=True, message="New office.",
        values={{"place": "Bilbao", "phone": "+34 94 000000", "verticals": ["health", "space"]}},
    )
    send(row)
"""
NAMES = ["Heather Sensor Cluster", "Heather Refusal Cluster", "Heather Keyboard Cluster", "Heather Looks Cluster"]


@pytest.fixture(scope="module")
def submissions(portal: Portal) -> None:
    """Put submissions into the queue of the running portal."""
    portal.shell(SEED.format(names=NAMES))


@pytest.fixture
def review(submissions: None, staff_page: OpenPage) -> OpenPage:
    """Return a function that opens the review page of a cluster by its name."""

    def open_(name: str, **options: object) -> Page:
        page = staff_page(f"{QUEUE}?q=heather", **options)
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.wait_for_load_state("load")  # the keys come with a script
        return page

    return open_


def test_approved_submission_is_on_the_public_list_only_afterwards(review: OpenPage, open_page: OpenPage) -> None:
    name = "Heather Sensor Cluster"
    visitor = open_page("/clusters/?q=heather+sensor")
    expect(visitor.get_by_role("link", name=name)).to_have_count(0)

    page = review(name)
    page.locator(".bar").get_by_role("button", name="Approve").click()

    expect(page.get_by_text("was approved. The submitter gets a mail.")).to_be_visible()
    visitor.reload()
    visitor.get_by_role("link", name=name).first.click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text(name)


def test_submission_is_approved_by_keyboard_alone(review: OpenPage, open_page: OpenPage) -> None:
    page = review("Heather Keyboard Cluster")
    page.keyboard.press("?")
    expect(page.get_by_text("go to the button that decides")).to_be_visible()
    page.keyboard.press("?")

    # Refuse the town, and think better of it.
    radio = page.locator("#field-place input[value=accept]")
    radio.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#field-place input[value=refuse]")).to_be_checked()
    expect(page.locator("[data-verb]").first).to_have_text("Approve in part")
    # Keys rest while somebody types: these are letters of a reason.
    page.locator("#why-place").focus()
    page.keyboard.type("jar dock?")
    expect(page.locator("#why-place")).to_have_value("jar dock?")
    page.locator("#field-place input[value=refuse]").focus()
    page.keyboard.press("a")
    expect(page.locator("[data-count=refuse]")).to_have_text("0")
    page.keyboard.press("d")
    expect(page.locator("[data-decide]").first).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("was approved. The submitter gets a mail.")).to_be_visible()
    assert open_page("/clusters/heather-keyboard-cluster/").locator("h1").inner_text() == "Heather Keyboard Cluster"


def test_next_and_previous_by_keyboard_and_how_to_switch_the_keys_off(review: OpenPage) -> None:
    page = review("Heather Looks Cluster")
    here = page.url
    page.keyboard.press("k")
    page.wait_for_url(lambda url: url != here, wait_until="load")
    page.keyboard.press("j")
    page.wait_for_url(here, wait_until="load")
    page.keyboard.press("r")
    expect(page.locator("#reject_reason")).to_be_focused()
    page.locator("#shortcuts > summary").click()
    page.get_by_label("Use these keys").uncheck()
    page.reload()
    page.keyboard.press("k")
    page.keyboard.press("r")
    expect(page.locator("#reject_reason")).not_to_be_focused()
    assert page.url == here


def test_field_refused_with_a_canned_reason_is_in_the_preview_of_the_mail(
    review: OpenPage, open_page: OpenPage
) -> None:
    page = review("Heather Refusal Cluster")
    field = page.locator("#field-members")
    field.get_by_label("Refuse").check()
    field.get_by_label("Insert a reason").select_option(label="No evidence")
    expect(page.locator("#why-members")).to_have_value(re.compile("We found nothing that confirms this"))
    page.locator("#field-members_qualifier").get_by_label("Refuse").check()
    page.get_by_role("button", name="Preview the mail").first.click()

    expect(page.get_by_role("heading", name="The mail that would go out")).to_be_visible()
    expect(page.locator(".mail-preview pre")).to_contain_text("Members: not taken over. We found nothing")
    frame = page.frame_locator(".mail-preview iframe")
    expect(frame.locator("body")).to_contain_text("Members: not taken over. We found nothing")
    # Its frame looks as in a mail program, under a policy that allows just these styles.
    expect(frame.locator("body > div")).to_have_css("max-width", "600px")
    expect(page.locator("#field-members").get_by_label("Refuse")).to_be_checked()
    page.locator(".bar").get_by_role("button", name="Approve in part").click()

    expect(page.get_by_text("was approved in part")).to_be_visible()
    profile = open_page("/clusters/heather-refusal-cluster/").locator("main").inner_text()
    assert "field laboratory" in profile
    assert not re.search(r"\b40\b", profile)


def test_edit_opens_the_value_where_it_is(review: OpenPage) -> None:
    page = review("Heather Looks Cluster")
    field = page.locator("#field-place")
    expect(page.locator("#id_edit-place")).to_be_hidden()
    field.get_by_label("Edit").check()

    expect(page.locator("#id_edit-place")).to_be_focused()
    expect(page.locator("#id_edit-place")).to_have_value("Galway")


def test_show_all_fields_shows_unchanged_ones_too(submissions: None, staff_page: OpenPage) -> None:
    page = staff_page(f"{QUEUE}?q=bob@heather.example")
    page.locator(".queue-row .name").first.click()
    expect(page.locator("#field-name")).to_be_hidden()
    page.get_by_label("Show all fields").check()

    expect(page.locator("#field-name")).to_be_visible()
    expect(page.locator("#field-place ins")).to_have_text("after: Bilbao")


def test_without_script_everything_is_still_there(review: OpenPage) -> None:
    page = review("Heather Looks Cluster", java_script_enabled=False)
    page.locator("#field-place").get_by_label("Refuse").check()
    expect(page.locator("#why-place")).to_be_visible()
    page.get_by_role("button", name="Refuse all").click()
    expect(page.locator("[data-count=refuse]")).to_have_text(re.compile(r"^[1-9]"))
    page.get_by_role("button", name="Refuse everything").first.click()

    expect(page.get_by_role("alert")).to_contain_text("Say why nothing is accepted")


def test_axe_finds_nothing_serious(submissions: None, staff_page: OpenPage) -> None:
    page = staff_page(QUEUE)
    assert faults_in_both_schemes(page) == []

    page.get_by_role("link", name="Heather Looks Cluster", exact=True).click()
    page.get_by_label("Show all fields").check()
    for radio in page.locator(".field input[value=edit]").all():
        radio.check()
    page.evaluate("for (const box of document.querySelectorAll('#content details')) box.open = true")
    assert faults_in_both_schemes(page) == []

    page.goto(f"{QUEUE}?q=bob@heather.example")
    page.locator(".queue-row .name").first.click()
    page.get_by_label("Show all fields").check()
    assert faults_in_both_schemes(page) == []


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_review_page_is_usable_at_every_width(review: OpenPage, width: int) -> None:
    page = review("Heather Looks Cluster", width=width)
    for path in (page.url, QUEUE):
        page.goto(path)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), path
    page.go_back()
    field = page.locator("#field-place")
    field.scroll_into_view_if_needed()
    field.get_by_label("Refuse").check()
    expect(page.locator("#why-place")).to_be_visible()
    expect(page.locator(".bar").get_by_role("button", name="Approve in part")).to_be_in_viewport()


def test_the_queue_on_a_phone_is_for_fingers(submissions: None, staff_page: OpenPage) -> None:
    page = staff_page(f"{QUEUE}?q=heather", width=390)
    sizes = {
        name: [(box["width"], box["height"]) for item in found.all() if (box := item.bounding_box())]
        for name, found in {
            "tick": page.locator(".tick input"),
            "take": page.get_by_role("button", name=re.compile("^Take .")),
            "name": page.locator(".queue-row .name"),
        }.items()
    }
    assert all(sizes.values())
    assert [(name, size) for name, found in sizes.items() for size in found if min(size) < 24] == []
    assert min(height for _width, height in sizes["take"]) >= 44

    expect(page.get_by_role("link", name=re.compile("^New cluster "))).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Filters")).click()
    expect(page.get_by_role("link", name=re.compile("^New cluster "))).to_be_visible()

    expect(page.get_by_role("button", name="Approve …")).to_be_hidden()
    page.locator(".tick input").first.check()
    expect(page.get_by_role("button", name="Approve …")).to_be_visible()
    assert page.locator(".queue-actions").bounding_box()["height"] < 190


def test_paper_shows_the_submission_and_no_buttons(review: OpenPage) -> None:
    page = review("Heather Looks Cluster")
    page.emulate_media(media="print")

    for hidden in ("Accept all", "Refuse all", "Check again", "Check now", "Log out"):
        assert [
            item.text_content() for item in page.get_by_role("button", name=hidden).all() if item.is_visible()
        ] == []
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    expect(page.locator("#header")).to_be_hidden()
    expect(page.locator("summary", has_text="Set aside").first).to_be_hidden()
    expect(page.locator("#field-place")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_bulk_approval_asks_first(submissions: None, portal: Portal, staff_page: OpenPage) -> None:
    portal.shell(
        "from django.utils import timezone; from submissions.models import Submission; "
        "Submission.objects.filter(submitter_email='bob@heather.example').update(checked_at=timezone.now(), message='')"
    )
    page = staff_page(f"{QUEUE}?q=bob@heather.example")
    page.get_by_role("button", name="Tick all on this page").click()
    expect(page.get_by_text("1 ticked")).to_be_visible()
    page.get_by_role("button", name="Approve …").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Approve 1 submission")
    expect(page.locator(".bulk ins").first).to_be_visible()
    assert serious_faults(page) == []
    page.get_by_role("button", name="Approve what is ticked").click()
    expect(page.get_by_text("1 submission approved; 1 of the profiles are public.")).to_be_visible()
