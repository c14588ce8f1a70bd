"""A new cluster through the public form: step by step, saved, resumed, checked, sent, confirmed."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalogue.models import Cluster
from outbox.models import Message
from publicforms.models import LinkToken
from submissions.models import FieldHelp, PrivacyNotice, Submission, SubmissionPolicy
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory, TermFactory
from tests.factories.submissions import accept_all
from tests.mail import links_in, sent_mails
from tests.submissions.visitor import FIRST, Visitor, hidden_fields, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(db: None) -> Visitor:
    """Return a visitor."""
    return Visitor()


def test_from_the_first_step_to_the_public_profile(visitor: Visitor) -> None:
    term = TermFactory(slug="photonics", name="Photonics")
    visitor.begin(website="https://www.photonics.example")
    to_members = visitor.client.post(visitor.form, {"summary": "Gathers firms.", "verticals": [term.slug]})
    to_contact = visitor.client.post(to_members["Location"], {"place": "Graz", "members": "120"})
    to_check = visitor.client.post(to_contact["Location"], {"email": "office@photonics.example"})
    assert [reply["Location"].split("/")[-2] for reply in (to_members, to_contact, to_check)] == [
        "members", "contact", "check",
    ]  # fmt: skip
    sent = visitor.send(
        criteria=["team", "english"], criteria_evidence="https://www.photonics.example/news", message="Hi"
    )

    page = words_of(visitor.page(sent["Location"]))
    assert "Look into your mailbox" in page
    assert not Submission.objects.in_queue().exists()
    status = visitor.confirm()

    row = Submission.objects.get()
    assert row.status == "pending"
    assert (row.submitter_name, row.submitter_role, row.submitter_email) == (
        "Ada Example", "Manager", "ada@photonics.example",
    )  # fmt: skip
    assert row.criteria == {"team": True, "english": True}
    assert (row.criteria_evidence, row.message) == ("https://www.photonics.example/news", "Hi")
    assert (row.notice, row.consented_at is not None) == (PrivacyNotice.current(), True)
    given = {name: value for name, value in row.payload.items() if value not in ("", None, [], False, "none")}
    assert given == {
        "country": "AT", "name": "Alpine Photonics Cluster", "website": "https://www.photonics.example",
        "summary": "Gathers firms.", "verticals": ["photonics"], "place": "Graz", "members": 120,
        "members_qualifier": "exact", "email": "office@photonics.example",
    }  # fmt: skip
    assert "It is the next one" in words_of(visitor.page(status))
    assert not Cluster.objects.exists()

    accept_all(row)

    assert visitor.client.get("/clusters/alpine-photonics-cluster/").status_code == 200
    assert "Everything was taken over." in words_of(visitor.page(status))
    assert 'href="/clusters/alpine-photonics-cluster/"' in visitor.page(status)


def test_right_values_are_stored_when_another_is_wrong(visitor: Visitor) -> None:
    visitor.begin()
    response = visitor.client.post(visitor.step("members"), {"place": "Graz", "founded": "1066", "members": "many"})

    assert response.status_code == 422
    page = response.content.decode()
    assert '<a href="#id_founded">Founded in</a>: 1066 is no plausible year' in page
    assert '<a href="#id_members">Members</a>: Give a whole number, such as 120.' in page
    assert re.search(r'id="id_founded"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="id_founded"', page)
    assert 'aria-describedby="id_founded_helptext id_founded_error"' in page
    assert Submission.objects.get().payload["place"] == "Graz"
    assert 'value="1066"' in page, "what was typed is there to be corrected"


def test_the_first_step_lists_all_mistakes_and_stores_nothing(visitor: Visitor) -> None:
    response = visitor.post("/submit/", {"website": "nonsense", "submitter_email": "ada"})

    assert response.status_code == 422
    assert re.findall(r'<li><a href="#id_([a-z_]+)">', response.content.decode()) == [
        "country", "name", "website", "submitter_email",
    ]  # fmt: skip
    assert not Submission.objects.exists()
    assert not Message.objects.exists()


def test_saving_for_later_asks_for_nothing(visitor: Visitor) -> None:
    visitor.begin()
    response = visitor.client.post(visitor.form, {"go": "save", "description": "Half a sentence"})

    assert (response.status_code, response["Location"]) == (302, f"{visitor.form}?saved")
    page = visitor.page(visitor.form)
    assert "Half a sentence" in page
    assert "kept for 14 days" in words_of(page)


def test_back_saves_too(visitor: Visitor) -> None:
    visitor.begin()
    response = visitor.client.post(visitor.step("members"), {"go": "back", "place": "Graz"})

    assert response["Location"] == visitor.form
    assert Submission.objects.get().payload["place"] == "Graz"


def test_progress_says_where_one_stands(visitor: Visitor) -> None:
    visitor.begin()
    page = visitor.page(visitor.step("members"))

    assert len(re.findall(r'aria-current="step"', page)) == 1
    assert re.search(r'aria-current="step">\s*<span class="number">3</span>', page)
    assert f'href="{visitor.step("who")}"' in page


def test_regions_follow_the_saved_country(visitor: Visitor) -> None:
    home = RegionFactory(country=CountryFactory(code="AT"), slug="tyrol", name="Tyrol")
    RegionFactory(country=CountryFactory(code="DE", name="Germany"), slug="bavaria", name="Bavaria")
    visitor.begin()
    page = visitor.page(visitor.step("members"))

    assert f'<option value="{home.slug}">' in page
    assert "bavaria" not in page
    wrong = visitor.client.post(visitor.step("members"), {"region": "bavaria"})
    assert "Bavaria is a region of Germany. Choose a region of the country above." in wrong.content.decode()


def test_staff_rewrites_the_help_of_a_field(visitor: Visitor) -> None:
    FieldHelp.objects.create(field="summary", help="Say it in one sentence.", example="We build lasers.")
    visitor.begin()
    page = words_of(visitor.page(visitor.form))

    assert "Say it in one sentence. Example: We build lasers." in page
    assert "Two or three sentences" not in page


def test_the_mail_brings_back_to_the_draft_on_another_device(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Written at the office."})
    phone = Visitor(Client())
    answer = phone.client.post(phone.mailed("submission_resume"))
    phone.form = answer["Location"]

    assert "Written at the office." in phone.page(phone.step("what"))
    # The link proved the address, so nothing is left to confirm.
    sent = phone.send()
    status = phone.client.get(sent["Location"])
    assert status.status_code == 302
    assert "/submit/status/" in status["Location"]
    assert Submission.objects.get().status == "pending"
    assert sent_mails(kind="submission_confirm") == []


def test_whoever_began_in_anothers_name_loses_the_form_once_the_mail_is_opened(visitor: Visitor) -> None:
    visitor.begin(submitter_email="victim@photonics.example")
    victim = Visitor(Client())
    victim.form = victim.client.post(victim.mailed("submission_resume"))["Location"]

    response = visitor.client.post(visitor.form, {"summary": "Written by somebody else."})

    assert response.status_code == 410
    assert "too old" in words_of(response.content.decode())
    assert "summary" not in Submission.objects.get().payload


def test_a_mistyped_address_is_corrected_after_sending(visitor: Visitor) -> None:
    visitor.begin(submitter_email="adda@photonics.example")
    visitor.client.post(visitor.form, {"summary": "Gathers firms."})
    sent = visitor.send()["Location"]
    first = visitor.mailed("submission_confirm")

    answer = visitor.client.post(sent, {"go": "address", "submitter_email": "ada@photonics.example"})

    assert "on its way to the new address" in words_of(answer.content.decode())
    assert Client().post(first).status_code == 404, "the link to the wrong mailbox works no more"
    second = visitor.mailed("submission_confirm", to="ada@photonics.example")
    assert visitor.client.post(second).status_code == 302
    assert Submission.objects.get().status == "pending"
    changed = visitor.client.post(sent, {"go": "address", "submitter_email": "other@photonics.example"})
    assert changed.status_code == 200
    assert Submission.objects.get().submitter_email == "ada@photonics.example"


def test_the_same_address_sent_once_more_leaves_the_first_link_alive(visitor: Visitor) -> None:
    visitor.begin(submitter_email="ada@photonics.example")
    visitor.client.post(visitor.form, {"summary": "Gathers firms."})
    sent = visitor.send()["Location"]
    first = visitor.mailed("submission_confirm")

    visitor.client.post(sent, {"go": "address", "submitter_email": "Ada@Photonics.example"})

    assert Client().post(first).status_code == 302


def test_the_check_page_names_what_is_missing_and_leads_there(visitor: Visitor) -> None:
    visitor.begin()
    page = visitor.page(visitor.step("check"))
    assert f'<a href="{visitor.form}#id_summary">Summary: this is needed.</a>' in page

    response = visitor.send()

    assert response.status_code == 422
    assert "It was not sent yet" in words_of(response.content.decode())
    assert Submission.objects.get().is_draft


def test_without_consent_nothing_is_sent(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Gathers firms."})
    response = visitor.send(consent="")

    assert response.status_code == 422
    assert '<a href="#id_consent">' in response.content.decode()
    row = Submission.objects.get()
    assert (row.is_draft, row.consented_at, row.notice) == (True, None, None)


def test_a_notice_that_changed_meanwhile_must_be_read_first(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Gathers firms."})
    seen = hidden_fields(visitor.page(visitor.step("check")))
    PrivacyNotice.objects.create(version="new", text="We changed our mind.")

    response = visitor.client.post(visitor.step("check"), {**seen, "go": "send", "consent": "on"})

    assert response.status_code == 422
    assert "We changed our mind." in response.content.decode()
    assert Submission.objects.get().is_draft
    assert visitor.send().status_code == 302
    assert Submission.objects.get().notice.version == "new"


def test_the_progress_of_the_criteria_is_kept_with_the_draft(visitor: Visitor) -> None:
    visitor.begin()
    visitor.post(visitor.step("check"), {"go": "save", "criteria": ["recognised"], "message": "Later."})

    page = visitor.page(visitor.step("check"))
    assert re.search(r'value="recognised"[^>]*checked', page)
    assert "Later." in page


def test_similar_published_clusters_are_shown_once_before_going_on(visitor: Visitor) -> None:
    ClusterFactory(published=True, name="Alpine Photonics Cluster", slug="apc", country=CountryFactory(code="AT"))
    response = visitor.post("/submit/", FIRST)

    assert response.status_code == 200
    page = response.content.decode()
    assert "Is it one of these?" in page
    assert 'href="/clusters/apc/update/"' in page
    assert "None of these: go on" in page
    assert not Submission.objects.exists()
    gone_on = visitor.client.post("/submit/", {**hidden_fields(page), **FIRST})
    assert gone_on.status_code == 302


@pytest.mark.parametrize("is_typing", [True, False])
def test_clusters_that_are_not_public_never_come_up(visitor: Visitor, is_typing: bool) -> None:
    ClusterFactory(name="Alpine Photonics Cluster", acronym="APC", country=CountryFactory(code="AT"))
    ClusterFactory(
        name="Alpine Photonics Cluster", status="archived", country=CountryFactory(code="AT"),
        website="https://photonics.example",
    )  # fmt: skip
    if is_typing:
        response = visitor.client.get("/submit/similar/", {"name": "Alpine Photonics Cluster", "country": "AT"})
        assert response.content.decode().strip() == ""
    else:
        visitor.begin(website="https://photonics.example")


def test_a_name_being_typed_finds_published_clusters(visitor: Visitor) -> None:
    ClusterFactory(published=True, name="Alpine Photonics Cluster", slug="apc")
    ClusterFactory(published=True, name="Baltic Forest Cluster", slug="bfc")
    page = visitor.client.get("/submit/similar/", {"name": "alpine pho"}).content.decode()

    assert "Alpine Photonics Cluster" in page
    assert "Baltic" not in page
    assert '<input type="hidden" name="seen" value="apc">' in page
    assert visitor.client.get("/submit/similar/", {"name": "al"}).content.decode().strip() == ""
    assert visitor.client.get("/submit/similar/", {"name": "x\0y\0z"}).status_code == 200


def test_two_clicks_on_the_first_button_begin_one_draft(visitor: Visitor) -> None:
    values = {**hidden_fields(visitor.page("/submit/")), **FIRST}
    first, second = (visitor.client.post("/submit/", values) for _ in range(2))

    assert first.status_code == 302
    assert first["Location"] == second["Location"]
    assert Submission.objects.count() == 1
    assert len(sent_mails(kind="submission_resume")) == 1


def test_two_clicks_on_send_send_once(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Gathers firms."})
    values = {**hidden_fields(visitor.page(visitor.step("check"))), "go": "send", "consent": "on"}
    answers = [visitor.client.post(visitor.step("check"), values) for _ in range(2)]

    assert len({answer["Location"] for answer in answers}) == 1
    assert len(sent_mails(kind="submission_confirm")) == 1


def test_a_sent_form_cannot_be_filled_in_any_more(visitor: Visitor) -> None:
    visitor.submit()
    response = visitor.client.post(visitor.form, {"summary": "Something else."})

    assert response.status_code == 302
    assert "/submit/sent/" in response["Location"]
    assert Submission.objects.get().payload["summary"] == "Gathers firms that build lasers."


def test_a_closed_form_says_so(visitor: Visitor) -> None:
    SubmissionPolicy.objects.update(is_open=False, closed_text="Back in <b>January</b>.")
    for path in ("/submit/", f"/clusters/{ClusterFactory(published=True).slug}/update/"):
        page = visitor.page(path)
        assert "Back in &lt;b&gt;January&lt;/b&gt;." in page
        assert "<form" not in page
    assert visitor.client.post("/submit/", FIRST).status_code == 200
    assert not Submission.objects.exists()


def test_a_draft_that_was_deleted_explains_itself(visitor: Visitor) -> None:
    visitor.begin()
    Submission.objects.all().delete()
    response = visitor.client.get(visitor.form)

    assert response.status_code == 404
    assert "leads nowhere" in words_of(response.content.decode())


def test_the_confirmation_shows_what_is_confirmed_and_can_be_denied(visitor: Visitor) -> None:
    row = visitor.submit()
    link = visitor.mailed("submission_confirm")
    page = words_of(visitor.page(link))
    assert "Alpine Photonics Cluster" in page
    assert "Gathers firms that build lasers." in page

    response = visitor.client.post(link, {"answer": "deny"})

    assert "Taken back" in words_of(response.content.decode())
    row.refresh_from_db()
    assert (row.status, row.confirmed_at) == ("withdrawn", None)


def test_every_address_gets_the_same_answer_for_new_links_and_only_its_own(visitor: Visitor) -> None:
    visitor.submit()
    known, unknown = (
        visitor.post("/submit/link/", {"submitter_email": email})
        for email in ("ada@photonics.example", "eve@elsewhere.example")
    )
    assert known.status_code == unknown.status_code == 200
    assert known.content.decode().replace("ada@photonics.example", "X") == unknown.content.decode().replace(
        "eve@elsewhere.example", "X"
    )
    ada, eve = sent_mails(kind="submission_links")
    assert [mail.to for mail in (ada, eve)] == ["ada@photonics.example", "eve@elsewhere.example"]
    assert "Alpine Photonics Cluster (waits for your confirmation)" in ada.text
    assert len([link for link in links_in(ada) if "/submit/link/" in link]) == 1
    assert [link for link in links_in(eve) if "/submit/link/" in link or "/status/" in link] == []
    assert f'href="{next(link for link in links_in(ada) if "/submit/link/" in link)}"' in ada.html


def test_a_new_link_leads_to_the_status_page_of_what_is_in_the_queue(visitor: Visitor) -> None:
    visitor.submit()
    status = visitor.confirm()
    visitor.post("/submit/link/", {"submitter_email": "ada@photonics.example"})

    assert status in sent_mails(kind="submission_links")[0].text


@pytest.mark.parametrize("why", ["used", "expired"])
def test_a_link_that_does_not_work_any_more_sends_a_new_one_to_the_same_address(visitor: Visitor, why: str) -> None:
    visitor.submit()
    link = visitor.mailed("submission_confirm")
    if why == "used":
        visitor.client.post(link)
    else:
        LinkToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = visitor.client.post(link)
    assert response.status_code == 410
    token = hidden_fields(response.content.decode())["token"]

    answer = visitor.client.post("/submit/link/", {"token": token})

    page = words_of(answer.content.decode())
    assert "A new link is on its way" in page
    assert "ada@photonics.example" not in page, "whoever found an old link need not learn the address"
    assert [mail.to for mail in sent_mails(kind="submission_links")] == ["ada@photonics.example"]


def test_the_first_step_sent_again_stores_the_corrected_values() -> None:
    visitor = Visitor()
    fields = hidden_fields(visitor.page("/submit/"))
    first = visitor.client.post("/submit/", {**fields, **FIRST, "name": "Alpine Fotonics"})
    visitor.client.post(first["Location"], {"summary": "Kept."})
    again = visitor.client.post(
        "/submit/", {**fields, **FIRST, "name": "Alpine Photonics", "submitter_role": "Director"}
    )

    assert again["Location"] == first["Location"]
    row = Submission.objects.get()
    assert (row.name, row.payload["name"], row.submitter_role) == ("Alpine Photonics", "Alpine Photonics", "Director")
    assert row.payload["summary"] == "Kept."


def test_check_page_shows_the_profile_and_says_what_would_help_to_find_it(visitor: Visitor) -> None:
    region = RegionFactory(country=CountryFactory(code="AT"), name="Styria")
    TermFactory(slug="photonics", name="Photonics")
    visitor.begin(website="https://www.photonics.example")
    empty = visitor.client.get(visitor.step("check")).context
    visitor.client.post(
        visitor.form, {"summary": "Gathers firms.", "benefits": "A *laboratory*.", "verticals": ["photonics"]}
    )
    visitor.client.post(visitor.step("members"), {"region": region.slug, "place": "Graz", "members": "120"})
    full = visitor.client.get(visitor.step("check"))

    assert [gap.label for gap in empty["gaps"]] == ["Verticals", "Region", "Town", "Public e-mail", "Members"]
    assert {gap.url for gap in empty["gaps"][:2]} == {
        f"{visitor.step('what')}#id_verticals", f"{visitor.step('members')}#id_region",
    }  # fmt: skip
    assert [gap.label for gap in full.context["gaps"]] == ["Public e-mail"]
    page = full.content.decode()
    article = page[page.index("<article") : page.index("</article>")]
    said = words_of(article)
    for text in (
        "Alpine Photonics Cluster",
        "Graz, Styria, Austria",
        "Gathers firms.",
        "A laboratory",
        "Photonics",
        "photonics.example",
        "120",
    ):
        assert text in said, text
    assert "<em>laboratory</em>" in article
    assert page.count("<h1") == 1
    assert "Stable address" not in said
    assert not Cluster.objects.exists()
