"""What a first user's try-out of the form found: words, saving, the address, lengths, what the pages show."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalogue.models import Cluster
from consortium.models import Project
from publicforms import links as signed_links
from submissions import links
from submissions.exceptions import SubmissionIncomplete
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS, Kind
from submissions.fields.form import check_values
from submissions.models import Submission, SubmissionPolicy
from submissions.services import drafts, review, submit
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory
from tests.factories.submissions import accept_all, draft, pending, reviewer, sent, update_of
from tests.mail import sent_mails
from tests.submissions.test_public_abuse import picture
from tests.submissions.visitor import FIRST, Visitor, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(db: None) -> Visitor:
    """Return a visitor."""
    return Visitor()


def asked(**fields: str) -> Submission:
    """Return a submission whose reviewer asks to change the summary, and the logo if wanted."""
    row = pending()
    names = ["summary", *fields]
    return request_changes(
        submission=row, reviewer=reviewer(), snapshot=review.current_snapshot(row), fields=names, text="Which lasers?"
    )


# --- An answer that says nothing ---------------------------------------------------------------------


def test_an_answer_without_a_change_or_a_message_is_refused(visitor: Visitor) -> None:
    row = asked(logo="")
    path = f"{links.status_path(row)}change/"

    nothing = visitor.client.post(path, {"summary": row.payload["summary"], "answer-message": ""})

    assert nothing.status_code == 422
    assert "You changed nothing: change a field or write a message." in words_of(nothing.content.decode())
    row.refresh_from_db()
    assert row.status == "changes_requested"
    with pytest.raises(SubmissionIncomplete):
        submit.answer_changes(submission=row, values={})


@pytest.mark.parametrize("answer", ["field", "message", "logo"])
def test_each_kind_of_answer_is_taken(visitor: Visitor, answer: str) -> None:
    row = asked(logo="")
    post: dict[str, Any] = {"summary": row.payload["summary"], "answer-message": ""}
    post |= {
        "field": {"summary": "Builds blue lasers."},
        "message": {"answer-message": "It is right as it is."},
        "logo": {"logo": SimpleUploadedFile("logo.png", picture())},
    }[answer]

    assert visitor.client.post(f"{links.status_path(row)}change/", post).status_code == 302
    row.refresh_from_db()
    assert row.status == "pending"


# --- What was decided --------------------------------------------------------------------------------


@pytest.mark.parametrize("is_edited", [True, False])
def test_a_change_by_the_reviewer_is_not_shown_as_everything_taken_over(visitor: Visitor, is_edited: bool) -> None:
    row = update_of(ClusterFactory(published=True), place="Linz", founded=1999)
    place = FieldDecision(True, value="Linz-Urfahr", is_edited=True) if is_edited else FieldDecision(True)
    review.decide(
        row,
        Decision(
            reviewer=reviewer(),
            snapshot=review.current_snapshot(row),
            fields={"place": place, "founded": FieldDecision(True)},
        ),
    )
    row.refresh_from_db()
    assert row.status == "approved"
    page = words_of(visitor.page(links.status_path(row)))

    assert ("It was taken over, with changes by the reviewer: they are listed below." in page) is is_edited
    assert ("Everything was taken over." in page) is not is_edited


def test_the_status_page_names_a_short_reference_days_and_whom_to_ask(visitor: Visitor) -> None:
    SubmissionPolicy.objects.update(keep_rejected_days=77)
    Project.objects.update_or_create(pk=1, defaults={"name": "Portal", "contact_email": "help@portal.example"})
    row = submit.withdraw(submission=pending())

    page = words_of(visitor.page(links.status_path(row)))

    assert f"Reference: {str(row.public_id)[:8]} . This page" in page
    assert str(row.public_id) not in page
    assert "Write to help@portal.example and name the reference." in page
    assert "Your personal data is removed after 77 days." in page


# --- Saving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["what", "check"])
def test_save_for_later_says_that_it_is_saved_and_how_to_come_back(visitor: Visitor, step: str) -> None:
    visitor.begin()
    before = words_of(visitor.page(visitor.step(step)))
    saved = visitor.client.post(visitor.step(step), {"go": "save"}, follow=True)

    assert "You can close this page" not in before
    assert (
        "Saved You can close this page. The link in your mailbox ( ada@photonics.example ) brings you back to this "
        "step, within 14 days." in words_of(saved.content.decode())
    )


def test_nothing_is_called_saved_before_it_is(visitor: Visitor) -> None:
    wrong = visitor.post("/submit/", {**FIRST, "submitter_email": "nobody"})
    for page in (visitor.page("/submit/"), wrong.content.decode()):
        assert "is saved now" not in page
        assert "Your draft will be saved" in page


@pytest.mark.parametrize(
    ("posts", "goes_on"),
    [
        ([], "what"),
        ([("what", {"summary": "Builds lasers."})], "members"),
        ([("what", {"summary": "Builds lasers."}), ("members", {"place": "Graz", "go": "save"})], "members"),
        ([("members", {"founded": "1066"})], "members"),
        ([("members", {"go": "back"})], "what"),
        ([("check", {"go": "save"})], "check"),
    ],
)
def test_the_link_in_the_mail_leads_to_the_step_where_one_left(
    visitor: Visitor, posts: list[tuple[str, dict[str, str]]], goes_on: str
) -> None:
    visitor.begin()
    for step, values in posts:
        visitor.client.post(visitor.step(step), values)

    resumed = Client().post(visitor.mailed("submission_resume"))

    assert resumed["Location"].split("/")[-2] == goes_on


# --- The address -------------------------------------------------------------------------------------


def test_a_mistyped_address_is_corrected_in_the_draft(visitor: Visitor) -> None:
    visitor.begin(submitter_email="ade@photonics.example")
    old = visitor.mailed("submission_resume", to="ade@photonics.example")

    page = visitor.page(visitor.step("who"))
    assert 'value="ade@photonics.example"' in page
    posted = visitor.client.post(visitor.step("who"), {**FIRST, "submitter_email": "Ada@photonics.example"})

    assert posted.status_code == 302
    assert Submission.objects.get().submitter_email == "ada@photonics.example"
    assert visitor.client.get(old).status_code == 404
    assert visitor.client.post(visitor.mailed("submission_resume", to="ada@photonics.example")).status_code == 302


def test_the_same_address_is_not_mailed_again_and_a_wrong_one_has_a_message(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.step("who"), {**FIRST})
    wrong = visitor.client.post(visitor.step("who"), {**FIRST, "submitter_email": "ada", "acronym": "APC"})

    assert len(sent_mails(kind="submission_resume")) == 1
    assert wrong.status_code == 422
    assert "That is no e-mail address: write it like name@cluster.example." in wrong.content.decode()
    row = Submission.objects.get()
    assert (row.submitter_email, row.payload["acronym"]) == ("ada@photonics.example", "APC")


def test_a_confirmed_address_stays(visitor: Visitor) -> None:
    visitor.begin()
    resumed = visitor.client.post(visitor.mailed("submission_resume"))
    visitor.form = resumed["Location"]

    assert 'name="submitter_email"' not in visitor.page(visitor.step("who"))
    visitor.client.post(visitor.step("who"), {**FIRST, "submitter_email": "eve@photonics.example"})
    assert Submission.objects.get().submitter_email == "ada@photonics.example"


# --- Words -------------------------------------------------------------------------------------------


def test_texts_are_counted_and_never_cut(visitor: Visitor) -> None:
    visitor.begin()
    page = visitor.page(visitor.form)
    assert "maxlength" not in page.split("<main")[1].split("</main>")[0]
    assert re.search(r'<textarea[^>]*name="summary"[^>]*data-limit="600"', page)

    long = visitor.client.post(visitor.form, {"summary": "x" * 1700})

    assert long.status_code == 422
    assert '<a href="#id_summary">Summary</a>: 1,700 of 600 characters. Shorten it by 1,100.' in long.content.decode()
    assert "x" * 1700 in long.content.decode(), "what was typed is there to be shortened"
    fits = visitor.client.post(visitor.form, {"summary": "\r\n".join(["x"] * 300)})
    assert fits.status_code == 302, "a line end counts once, as in the browser"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("email", "nobody", "Public e-mail: that is no e-mail address. Write it like office@photonics.example."),
        ("members", "-1", "Members: give 0 or more."),
        ("members", "2000000", "Members: give 1,000,000 or less."),
        ("members", "many", "Members: give a whole number, such as 120."),
        ("founded", "x", "Founded in: give a whole number, such as 2009."),
        ("staff", "x", "Own staff: give a number, such as 2.5."),
        ("staff", "-1", "Own staff: give 0 or more."),
        ("latitude", "91", "Latitude: give 90 or less."),
        ("members_as_of", "soon", "Counted on: give a day as YYYY-MM-DD, such as 2026-09-30."),
        ("acronym", "x" * 300, "Acronym: 300 of"),
        ("website", "https://photonics.example/" + "x" * 300, "Website: 326 of 200 characters. Shorten it by 126."),
        ("verticals", 7, "Verticals: give a list of values."),
    ],
)
def test_messages_name_the_field_and_the_remedy(name: str, value: Any, message: str) -> None:
    _payload, errors = check_values({name: value}, choices=Choices.load(), is_strict=False)

    assert errors[name][0].startswith(message)


def test_no_message_is_one_of_djangos() -> None:
    wrong: list[Any] = ["x" * 30_000, "\0", "-1", "1" * 40, "1.123456789", "x@", "2026-13-01", "x\ny", "NaN"]
    found = []
    for spec in FIELDS:
        for value in wrong:
            if spec.kind != Kind.LOGO:
                _payload, errors = check_values({spec.name: value}, choices=Choices.load(), is_strict=False)
                found += errors.get(spec.name, [])

    assert len(found) > 200
    assert [
        text for text in found if re.match(r"(Ensure|Enter a|Select a|Null char|This field|The submitted)", text)
    ] == []


def test_messages_to_the_reviewer_and_about_oneself_are_our_own_too(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Builds lasers."})
    wrong = visitor.client.post(
        visitor.step("check"), {"go": "save", "message": "x" * 2001, "criteria_evidence": "photonics"}
    ).content.decode()
    person = visitor.client.post(visitor.step("who"), {**FIRST, "submitter_name": "x" * 121}).content.decode()

    assert "Message to the reviewer</a>: 2,001 of 2,000 characters. Shorten it by 1." in wrong
    assert "Evidence</a>: Give the address of a web page. It begins with https://" in wrong
    assert "Your name</a>: 121 of 120 characters. Shorten it by 1." in person
    assert 'id="id_submitter_name_error">121 of 120 characters.' in person, "the label is above it"


def test_a_sentence_in_the_list_of_mistakes_ends_once(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Builds lasers."})

    page = visitor.send(consent="").content.decode()

    assert "agree to it</a>: Please agree" in page
    assert ".</a>:" not in page


def test_choices_of_nothing_have_labels(visitor: Visitor) -> None:
    RegionFactory(country=CountryFactory(code="AT", name="Austria"), name="Styria", slug="styria")
    assert '<option value="" selected>Choose a country</option>' in visitor.page("/submit/")
    visitor.begin()
    members = visitor.page(visitor.step("members"))
    assert '<option value="" selected>Not in this list</option>' in members
    assert re.search(r'<input type="number" name="members"[^>]*inputmode="numeric"', members)


def test_reasons_of_similar_clusters_are_sentences(visitor: Visitor) -> None:
    ClusterFactory(
        published=True, name="Alpine Photonics Cluster", country_id="AT", website="https://photonics.example"
    )
    page = words_of(
        visitor.client.get(
            "/submit/similar/",
            {"name": "Alpine Photonics Cluster", "country": "AT", "website": "https://photonics.example"},
        ).content.decode()
    )

    assert "The name is the same. Same web domain." in page
    assert not re.search(r", [A-Z][a-z]+ (web|name|place|has|country)", page)


# --- What the pages show -----------------------------------------------------------------------------


def test_the_check_page_shows_all_that_the_reviewer_gets(visitor: Visitor) -> None:
    SubmissionPolicy.objects.update(keep_rejected_days=77)
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Builds.", "logo": SimpleUploadedFile("logo.png", picture())})

    page = visitor.page(visitor.step("check"))

    assert (
        "You, not published Change : You, not published Your e-mail ada@photonics.example Your name Ada Example "
        "Your role in the cluster Manager" in words_of(page)
    )
    assert f'<img class="logo-small" src="{visitor.form.split("what/")[0]}logo/"' in page
    assert f'href="{visitor.step("who")}#s-you"' in page
    assert "is removed after 77 days." in words_of(page)


def test_a_correction_says_now_and_you_propose_and_strikes_no_nothing(visitor: Visitor) -> None:
    cluster = ClusterFactory(published=True, place="Graz", phone="")
    row, link = drafts.start_draft(
        kind="update", email="ada@photonics.example", target=cluster, values={"place": "Linz", "phone": "+43 1 2345"},
        is_email_confirmed=True,
    )  # fmt: skip
    page = visitor.page(f"/submit/form/{signed_links.token_of(link)}/check/")

    assert "Town Now : Graz You propose : Linz" in words_of(page)
    assert "Public phone Now : nothing You propose : +43 1 2345" in words_of(page)
    assert re.findall(r"<del[^>]*>([^<]*)</del>", page) == ["Graz"]
    assert 'class="visually-hidden">You propose' not in page, "seen by everybody"
    accept_all(submit.send(submission=row, notice=sent(email="b@photonics.example").notice))
    row.refresh_from_db()
    assert "Town Before : Graz You propose : Linz" in words_of(visitor.page(links.status_path(row)))


def test_the_news_of_a_closure_shows_its_sender(visitor: Visitor) -> None:
    _row, link = drafts.start_draft(
        kind="closure", email="ada@photonics.example", target=ClusterFactory(published=True), is_email_confirmed=True
    )
    page = words_of(visitor.page(f"/submit/form/{signed_links.token_of(link)}/check/"))

    assert "You, not published Your e-mail ada@photonics.example" in page
    assert "missing" not in page


def test_the_long_form_of_a_correction_has_links_to_its_parts(visitor: Visitor) -> None:
    cluster: Cluster = ClusterFactory(published=True)
    _row, link = drafts.start_draft(
        kind="update", email="ada@photonics.example", target=cluster, is_email_confirmed=True
    )
    page = visitor.page(f"/submit/form/{signed_links.token_of(link)}/profile/")

    jump = page.split('<nav class="jump"')[1].split("</nav>")[0]
    anchors = re.findall(r'href="#([^"]+)"', jump)
    assert anchors == ["s-who", "s-what", "s-members", "s-contact", "s-you", "s-end"]
    assert all(page.count(f'id="{anchor}"') == 1 for anchor in anchors)
    visitor.begin()
    assert 'class="jump"' not in visitor.page(visitor.form)


def test_a_page_that_was_too_large_leads_back_to_its_form(visitor: Visitor) -> None:
    visitor.begin()
    large = visitor.client.post(visitor.form, b"x", content_type="application/octet-stream", CONTENT_LENGTH="20000000")

    assert large.status_code == 413
    assert f'<a class="button button-primary" href="{visitor.form}">Back to the form</a>' in large.content.decode()
    assert 'data-most-bytes="1000000"' in visitor.page(visitor.form)
    elsewhere = visitor.client.post("/clusters/", b"x", content_type="a/b", CONTENT_LENGTH="20000000")
    assert "Back to the form" not in elsewhere.content.decode()


def test_a_portal_in_development_says_where_its_mails_are(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    path = visitor.submit() and visitor.form.split("/form/")[1].split("/")[0]
    for shown in (True, False):
        monkeypatch.setattr("outbox.context.is_shown", lambda shown=shown: shown)
        again = visitor.post("/submit/link/", {"submitter_email": "ada@photonics.example"}).content.decode()
        for page in (again, visitor.page(f"/submit/sent/{path}/")):
            assert ("read it on the" in page.split("</main>")[0]) is shown


def test_every_field_that_can_be_long_has_a_limit_to_count_to() -> None:
    form_fields = {name: spec for name, spec in BY_NAME.items() if spec.kind in (Kind.TEXT, Kind.LONG, Kind.MARKDOWN)}
    row = draft()
    page = Client().get(f"/submit/form/{signed_links.token_of(row.links.get(purpose='draft'))}/what/").content.decode()

    for name in ("summary", "description", "benefits"):
        assert name in form_fields
        assert re.search(rf'name="{name}"[^>]*data-limit="\d+"', page)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" ADA@Photonics.EXAMPLE ", "ada@photonics.example"),
        ("ada+portal@photonics.example", "ada+portal@photonics.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@раypal.example", "ada@xn--ypal-43d9g.example"),  # Cyrillic: shown as what it is
        ("Ada <ada@photonics.example>", None),
        ("ada@photonics.example\nBcc: eve@elsewhere.example", None),
        ("ada@photonics.example, eve@elsewhere.example", None),
        (f"{'a' * 300}@photonics.example", None),
        (f"ada@{'a' * 310}.example", None),
        ("аda@photonics.example", None),  # Cyrillic before the @
        ("ada@straße.example", None),  # older rules lead to another domain
    ],
)
def test_addresses_as_they_are_stored_or_refused(typed: str, stored: str | None) -> None:
    visitor = Visitor()
    answer = visitor.post("/submit/", {**FIRST, "submitter_email": typed})
    assert answer.status_code == (302 if stored else 422)
    assert [row.submitter_email for row in Submission.objects.all()] == ([stored] if stored else [])
    assert [mail.to for mail in sent_mails()] == ([stored] if stored else [])
