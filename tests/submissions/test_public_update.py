"""Corrections by magic link, news of closed clusters, and the submitter's own page."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue.models import Cluster, Term
from publicforms import links as signed_links
from publicforms.models import LinkToken
from submissions import links
from submissions.models import ClusterEditor, Submission
from submissions.services import retention, review, state_machine, submit
from submissions.services.change_kind import turn_into_update
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory, TermFactory
from tests.factories.submissions import accept_all, pending, reviewer, update_of
from tests.mail import link_in, sent_mails
from tests.submissions.visitor import Visitor, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(db: None) -> Cluster:
    """Return a published cluster."""
    return ClusterFactory(
        published=True, name="Alpine Photonics", slug="alpine", country=CountryFactory(code="AT", name="Austria"),
        website="https://www.photonics.example", place="Graz", members=120, members_qualifier="exact",
        summary="Builds lasers.", email="office@photonics.example",
    )  # fmt: skip


@pytest.fixture
def visitor(cluster: Cluster) -> Visitor:
    """Return a visitor."""
    return Visitor()


def ask(visitor: Visitor, email: str = "office@photonics.example", **post: str) -> str:
    """Ask for an edit link, press its button, return the address of the form."""
    answer = visitor.post("/clusters/alpine/update/", {"submitter_email": email})
    assert answer.status_code == 200
    response = visitor.client.post(visitor.mailed("profile_edit_link", to=email), {"answer": "edit", **post})
    assert response.status_code == 302, words_of(response.content.decode())
    visitor.form = response["Location"]
    return visitor.form


def all_fields(page: str) -> dict[str, object]:
    """Return what a browser would send of a form that nobody touched."""
    found: dict[str, object] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if not name or name[1] == "csrfmiddlewaretoken" or 'type="file"' in tag:
            continue
        if 'type="checkbox"' in tag:
            if " checked" in tag:
                found.setdefault(name[1], [])
                found[name[1]].append(value[1] if value else "on")  # type: ignore[attr-defined]
        else:
            found[name[1]] = value[1] if value else ""
    found |= dict(re.findall(r'<textarea [^>]*?name="([^"]*)"[^>]*>\s*?\n?(.*?)</textarea>', page, re.DOTALL))
    for name, body in re.findall(r'<select [^>]*?name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_correction_by_link_reaches_the_queue_with_what_differs_only(visitor: Visitor, cluster: Cluster) -> None:
    cluster.terms.set([TermFactory(slug="health", name="Health")])
    form = ask(visitor)
    page = visitor.page(form)
    fields = all_fields(page)
    assert (fields["place"], fields["members"], fields["verticals"]) == ("Graz", "120", ["health"])

    to_check = visitor.client.post(form, {**fields, "place": "Linz", "go": "next"})

    assert to_check["Location"].endswith("/check/")
    check = words_of(visitor.page(to_check["Location"]).partition("</article>")[2])
    assert "Town Now : Graz You propose : Linz" in check
    assert "120" not in check
    status = visitor.client.get(visitor.send()["Location"])["Location"]
    row = Submission.objects.get()
    assert (row.kind, row.status, row.target, row.payload) == ("update", "pending", cluster, {"place": "Linz"})
    assert row.trust == "public"
    assert "In review" in words_of(visitor.page(status))
    assert Cluster.objects.get().place == "Graz"


def test_a_correction_without_a_change_is_refused_with_a_message(visitor: Visitor) -> None:
    form = ask(visitor)
    visitor.client.post(form, {**all_fields(visitor.page(form)), "go": "next"})
    response = visitor.send()

    assert response.status_code == 422
    assert "Nothing differs from the profile." in words_of(response.content.decode())


def test_changed_fields_are_marked_with_what_the_profile_says(visitor: Visitor) -> None:
    form = ask(visitor)
    visitor.client.post(form, {**all_fields(visitor.page(form)), "place": "Linz", "go": "save"})

    assert "Changed The profile says: Graz" in words_of(visitor.page(form))


def test_the_regions_follow_the_country_at_once(visitor: Visitor) -> None:
    RegionFactory(country=CountryFactory(code="DE", name="Germany"), slug="bavaria", name="Bavaria")
    form = ask(visitor)
    assert "bavaria" not in visitor.page(form)
    part = visitor.client.get(
        form, {"country": "DE"}, headers={"hx-request": "true", "hx-target": "region-field"}
    ).content.decode()

    assert '<option value="bavaria">Bavaria</option>' in part
    assert "<h1" not in part
    assert Submission.objects.get().payload == {}


@pytest.mark.parametrize(
    ("email", "trust"),
    [("office@photonics.example", "public"), ("ada@photonics.example", "domain"), ("eve@elsewhere.example", "unknown"),
     ("known@elsewhere.example", "editor")],
)  # fmt: skip
def test_everybody_gets_the_same_answer_and_the_same_mail_and_the_reviewer_sees_the_difference(
    visitor: Visitor, cluster: Cluster, email: str, trust: str
) -> None:
    ClusterEditor.objects.create(cluster=cluster, email="known@elsewhere.example")
    answer = visitor.post("/clusters/alpine/update/", {"submitter_email": email})
    other = visitor.post("/clusters/alpine/update/", {"submitter_email": "nobody@elsewhere.example"})

    assert answer.content.decode().replace(email, "X") == other.content.decode().replace(
        "nobody@elsewhere.example", "X"
    )
    mine, theirs = sent_mails(kind="profile_edit_link")
    assert re.sub(r"/link/[^/]+/", "", mine.text) == re.sub(r"/link/[^/]+/", "", theirs.text)
    visitor.client.post(link_in(mine, "/submit/link/"), {"answer": "edit"})
    assert Submission.objects.get().trust == trust


def test_the_same_number_of_queries_for_known_and_unknown_addresses(visitor: Visitor, cluster: Cluster) -> None:
    def queries(path: str, email: str) -> int:
        values = {"submitter_email": email}
        visitor.post(path, {"submitter_email": "warm@elsewhere.example"})
        with CaptureQueriesContext(
            connection,
        ) as captured:
            visitor.post(path, values)
        return len(captured)

    ClusterEditor.objects.create(cluster=cluster, email="known@elsewhere.example")
    counts = {
        queries("/clusters/alpine/update/", email)
        for email in ("known@elsewhere.example", "office@photonics.example", "eve@elsewhere.example")
    }
    assert len(counts) == 1


def test_an_unpublished_cluster_cannot_be_corrected_and_is_not_betrayed(visitor: Visitor) -> None:
    ClusterFactory(slug="hidden", name="Hidden")
    assert visitor.client.get("/clusters/hidden/update/").status_code == 404
    assert visitor.client.get("/clusters/nobody/update/").status_code == 404


def test_an_old_address_leads_to_the_new_one(visitor: Visitor, cluster: Cluster) -> None:
    cluster.slug = "alpine-new"
    cluster.save()
    assert visitor.client.get("/clusters/alpine/update/")["Location"] == "/clusters/alpine-new/update/"


def test_the_profile_leads_to_its_correction(visitor: Visitor) -> None:
    assert 'href="/clusters/alpine/update/">Correct this profile</a>' in visitor.page("/clusters/alpine/")


def test_an_edit_link_of_a_cluster_that_left_the_catalogue_explains_itself(visitor: Visitor, cluster: Cluster) -> None:
    visitor.post("/clusters/alpine/update/", {"submitter_email": "ada@photonics.example"})
    link = visitor.mailed("profile_edit_link")
    Cluster.objects.update(status="archived")
    response = visitor.client.post(link, {"answer": "edit"})

    assert response.status_code == 409
    assert "not in the catalogue any more" in words_of(response.content.decode())
    assert LinkToken.objects.get(purpose="edit").used_at is None
    assert not Submission.objects.exists()
    assert visitor.client.get(link).status_code == 409


def test_no_longer_exists_becomes_a_review_item(visitor: Visitor, cluster: Cluster) -> None:
    form = ask(visitor, answer="closed")
    assert form.endswith("/check/")
    assert "This cluster no longer exists" in visitor.page(form)
    visitor.send(message="It merged with another one.")

    row = Submission.objects.get()
    assert (row.kind, row.status, row.target, row.message) == (
        "closure", "pending", cluster, "It merged with another one.",
    )  # fmt: skip
    assert Cluster.objects.published().exists()
    accept_all(row)
    assert not Cluster.objects.published().exists()


# --- The submitter's page --------------------------------------------------------------------------


def page_of(visitor: Visitor, row: Submission) -> str:
    return words_of(visitor.page(links.status_path(row)))


def test_the_status_page_shows_position_and_usual_time(visitor: Visitor) -> None:
    pending(name="First")
    second = pending(name="Second", email="ben@photonics.example")
    assert "It is number 2 in our queue. A review usually takes 10 days." in page_of(visitor, second)


def test_changes_asked_are_answered_by_just_these_fields(visitor: Visitor) -> None:
    row = pending()
    row = request_changes(
        submission=row, reviewer=reviewer("rita"), snapshot=review.current_snapshot(row), fields=["summary", "place"],
        text="Which lasers?\nAnd where?",
    )  # fmt: skip
    path = links.status_path(row)
    page = visitor.page(path)
    assert "Which lasers?" in page
    assert "rita" not in page
    form = visitor.page(f"{path}change/")
    assert re.findall(r'name="([a-z_]+)"', form.split("</form>")[0].split("<form")[-1]) == [
        "csrfmiddlewaretoken",
        "summary",
        "place",
    ]

    empty = visitor.client.post(f"{path}change/", {"summary": "", "place": "Graz"})
    assert empty.status_code == 422
    done = visitor.client.post(
        f"{path}change/", {"summary": "Blue ones.", "place": "Graz", "name": "Another", "answer-message": "Here."}
    )

    assert (done.status_code, done["Location"]) == (302, path)
    row.refresh_from_db()
    assert (row.status, row.payload["summary"], row.payload["place"], row.message) == (
        "pending",
        "Blue ones.",
        "Graz",
        "Here.",
    )
    assert row.name == "Alpine Photonics Cluster"
    assert "You answered the reviewer" in page_of(visitor, row)
    assert visitor.client.get(f"{path}change/")["Location"] == path


def test_decided_with_reasons_per_field(visitor: Visitor, cluster: Cluster) -> None:
    row = update_of(cluster, place="Linz", phone="+43 1 234567", founded=1999)
    review.decide(row, Decision(reviewer=reviewer("rita"), snapshot=review.current_snapshot(row), fields={
            "place": FieldDecision(False, "The register says Graz."),
            "phone": FieldDecision(True, value="+43 1 234568", is_edited=True), "founded": FieldDecision(True),
        }, reason="Thank you."))  # fmt: skip
    page = page_of(visitor, row)
    assert "Approved in part" in page
    assert "Town Not taken over. The register says Graz." in page
    assert "Public phone Changed by the reviewer to “+43 1 234568”." in page
    assert "Founded in Taken over." in page
    assert "Thank you." in page
    assert "rita" not in page.lower()
    assert "Take it back" not in page


def test_the_timeline_names_nobody_of_the_staff_and_no_hidden_cluster(visitor: Visitor) -> None:
    row = pending(place="Graz")
    hidden = ClusterFactory(name="Hidden Cluster", place="Hiddentown", country=CountryFactory(code="AT"))
    state_machine.assign(submissions=[row], to=reviewer("rita"), by=reviewer("otto"))
    row.refresh_from_db()
    turn_into_update(submission=row, cluster=hidden, reviewer=reviewer("rita"), snapshot=review.current_snapshot(row))
    page = page_of(visitor, Submission.objects.get())
    assert "as a correction of a profile that exists" not in page
    assert "rita" not in page
    assert "otto" not in page
    assert "Hidden" not in page
    accept_all(Submission.objects.get())
    assert "Hidden" not in page_of(visitor, Submission.objects.get())
    assert all("Hidden" not in f"{mail.subject}{mail.text}" for mail in sent_mails())


def test_taking_it_back_asks_first_and_works_until_the_decision(visitor: Visitor) -> None:
    row = pending()
    path = links.status_path(row)
    assert "Yes, take it back" in visitor.page(path)
    visitor.client.post(path, {"go": "something"})
    assert Submission.objects.get().status == "pending"
    response = visitor.client.post(path, {"go": "withdraw"})
    assert response["Location"] == path
    assert "Taken back" in page_of(visitor, row)
    decided = pending(name="Other", email="ben@photonics.example")
    accept_all(decided)
    late = visitor.client.post(links.status_path(decided), {"go": "withdraw"})
    assert late.status_code == 409
    assert "cannot become withdrawn any more" in words_of(late.content.decode())


def test_other_peoples_pages_stay_closed(visitor: Visitor) -> None:
    mine, theirs = pending(), pending(name="Other Cluster", email="ben@photonics.example")
    path = links.status_path(mine)
    token = path.split("/")[3]
    draft_link = signed_links.issue(links.Purpose.DRAFT, subject=theirs, email="ben@photonics.example")
    guesses = [
        path.replace(token, str(theirs.public_id)), path.replace(token, str(theirs.pk)),
        path.replace(token, signed_links.token_of(draft_link)), path.replace(token, token.partition(".")[0]),
        path.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B")),
    ]  # fmt: skip
    for guess in guesses:
        for client_call in (Client().get, Client().post):
            response = client_call(guess)
            assert response.status_code == 404, guess
            assert "Other Cluster" not in response.content.decode()


def test_the_status_page_ends_with_the_personal_data(visitor: Visitor) -> None:
    row = pending()
    path = links.status_path(row)
    submit.withdraw(submission=row)
    Submission.objects.update(last_move_at=timezone.now() - timedelta(days=181))
    assert retention.anonymise() == 1
    assert visitor.client.get(path).status_code == 404


def test_check_page_lays_the_correction_over_the_profile_of_today(visitor: Visitor, cluster: Cluster) -> None:
    cluster.terms.set(
        [
            TermFactory(slug="space", name="Space"),
            TermFactory(slug="ict", name="Software", vocabulary=Term.Vocabulary.SECTOR),
        ]
    )
    TermFactory(slug="health", name="Health")
    form = ask(visitor)
    fields = all_fields(visitor.page(form))
    to_check = visitor.client.post(form, {**fields, "summary": "New words.", "verticals": ["health"], "go": "next"})
    Cluster.objects.update(phone="+43 1 234")

    page = visitor.page(to_check["Location"])

    profile = words_of(page[page.index("<article") : page.index("</article>")])
    shown = ("New words.", "Health", "Software", "120", "+43 1 234", "Builds lasers.", "Space")
    assert [text for text in shown if text in profile] == list(shown[:5])
    stored = Cluster.objects.get()
    assert (stored.summary, sorted(term.name for term in stored.terms.all())) == (
        "Builds lasers.", ["Software", "Space"],
    )  # fmt: skip
    gaps = visitor.client.get(to_check["Location"]).context["gaps"]
    assert [(gap.label, gap.url) for gap in gaps] == [("Region", f"{form}#id_region")]
