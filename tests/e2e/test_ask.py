"""Asking about a cluster in a real browser: from its profile to the mail, and what "priority" means, by keyboard."""

import email
import email.policy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import faults_in_both_schemes
from tests.e2e.conftest import Portal
from tests.e2e.test_submit import address, link_in_mail

OpenPage = Callable[..., Page]
HIDDEN = "desk@hidden-hsd.example"


@pytest.fixture(scope="module", autouse=True)
def _at_once(portal: Portal) -> Iterator[None]:
    """Let forms be sent as fast as a program fills them in, and give a cluster an address that is not public."""
    start = "from catalogue.models import Cluster\nfrom submissions.models import SubmissionPolicy\n"
    write = "Cluster.objects.filter(slug='hsd').update(contact_email={!r})\n"
    portal.shell(
        f"{start}{write.format(HIDDEN)}SubmissionPolicy.objects.update_or_create(pk=1, defaults={{'minimum_seconds': 0}})"
    )
    yield
    portal.shell(f"{start}{write.format('')}SubmissionPolicy.objects.all().delete()")


def mails_to(portal: Portal, to: str) -> list[email.message.EmailMessage]:
    """Send what waits, and return the mails to an address."""
    portal.shell("from outbox.tasks import send_mail\nsend_mail()")
    files = (Path(portal.environment["DATA_DIR"]) / "outbox").glob("*.eml")
    mails = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    return [mail for mail in mails if to in str(mail["To"])]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("slug", "button", "to", "has_javascript"),
    [
        ("gaia", "Ask the consortium", "portal@portal.example", True),
        ("hsd", "Write to the cluster", HIDDEN, False),
    ],
)
def test_a_question_goes_from_the_profile_into_the_right_mailbox(
    open_page: OpenPage, portal: Portal, slug: str, button: str, to: str, has_javascript: bool
) -> None:
    ada = address()
    page = open_page(f"/clusters/{slug}/", width=390, java_script_enabled=has_javascript)
    page.get_by_role("link", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(button)
    page.get_by_label("Your e-mail").fill("ada")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Your message: Write what you would like to know.")
    page.get_by_label("Your message").fill("Do you take members from abroad?")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Your message")).to_have_value("Do you take members from abroad?")
    page.get_by_label("Your e-mail").fill(ada)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()

    page.goto(link_in_mail(portal, ada, "Please confirm your message"))
    expect(page.get_by_text("Do you take members from abroad?")).to_be_visible()
    if has_javascript:
        assert faults_in_both_schemes(page) == []
    page.get_by_role("button", name="Yes, send it").click()

    expect(page.get_by_role("heading", name="Your message is on its way")).to_be_visible()
    assert HIDDEN not in page.content()
    (mail,) = [mail for mail in mails_to(portal, to) if mail["Reply-To"] == ada]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Do you take members from abroad?" in text
    assert f"From: {ada}" in text


def test_priority_is_explained_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/clusters/gaia/", width=390)
    text = page.get_by_text("Its staff decides; rules, such as field and size, explain the decision.")
    expect(text).to_be_hidden()
    page.locator("summary", has_text="Priority").focus()
    page.keyboard.press("Enter")

    expect(text).to_be_visible()
