"""The review page: every way to decide, through the real pages."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from catalogue.models import Cluster
from outbox.services.posting import messages_about
from submissions.models import CannedReason, Submission
from submissions.services import drafts, review, state_machine, submit
from submissions.services.checks import run_checks
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision
from tests.factories.catalogue import ClusterFactory, TermFactory
from tests.factories.consortium import ROLES, UserFactory, sign_in
from tests.factories.submissions import accept_all, draft, notice, pending, reviewer, sent, update_of
from tests.mail import sent_mails
from tests.submissions.review.conftest import address, client_of, person
from webcheck.mail_domains import Answer

pytestmark = pytest.mark.django_db
Status = Submission.Status
MAY_REVIEW = {"reviewer", "catalogue editor", "coordinator", "superuser"}
MAY_SEE = MAY_REVIEW | {"read-only", "evaluator", "engagement officer"}


def picture(colour: str) -> ContentFile:
    """Return a logo."""
    file = BytesIO()
    Image.new("RGB", (20, 10), colour).save(file, "PNG")
    return ContentFile(file.getvalue(), name="logo.png")


def decision_mail(submission: Submission) -> str:
    """Return the text of the one mail about the decision."""
    return messages_about(submission.about).get(kind="submission_decided").body_text


def reload(submission: Submission) -> Submission:
    """Return the row as it is stored."""
    return Submission.objects.get(pk=submission.pk)


# --- who ---


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_and_decides_what_it_may(role):
    submission = pending()
    other = sign_in("superuser").get(address(submission)).context["snapshot"]
    form = {"action": "decide", "version": other.version, "live": other.live, "publish": "yes"}
    form |= {f"field-{name}": "accept" for name in ("country", "name", "summary")}
    client = sign_in(role)

    page = client.get(address(submission))
    assert page.status_code == (302 if role == "anonymous" else 200 if role in MAY_SEE else 403)
    if role in MAY_SEE:
        assert ('name="action"' in page.content.decode()) == (role in MAY_REVIEW)
    client.post(address(submission), form)

    assert (reload(submission).status == Status.APPROVED) == (role in MAY_REVIEW)
    assert Cluster.objects.published().exists() == (role in MAY_REVIEW)


def test_publishing_needs_its_own_permission(page):
    user = UserFactory(username="careful")
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_submission", "review_submission"]))
    client, submission = client_of(user), pending()

    client.post(address(submission), page(submission, client, action="decide"))

    assert Cluster.objects.get().status == Cluster.Status.IDENTIFIED
    cluster = ClusterFactory(published=True)
    closure, _link = drafts.start_draft(
        kind="closure", target=cluster, email="a@b.example", is_email_confirmed=True, message="Gone."
    )
    submit.send(submission=closure, notice=notice())
    answer = client.post(address(closure), page(closure, client, action="decide", **{"field-closure": "accept"}))
    assert "you need the permission to publish" in answer.content.decode()
    assert reload(closure).status == Status.PENDING


def test_drafts_are_not_found_and_the_unconfirmed_cannot_be_decided(client):
    assert client.get(address(draft())).status_code == 404
    page = client.get(address(sent(name="Other")))
    assert page.status_code == 200
    assert 'value="decide"' not in page.content.decode()


@pytest.mark.parametrize("key", ["0", "x", "9" * 30, "-1"])
def test_a_page_of_an_unknown_submission_is_not_found(client, key):
    assert client.get(f"/admin/submissions/submission/{key}/change/").status_code == 404


# --- deciding ---


def test_approve_a_new_cluster_and_go_on_to_the_next(client, page):
    first, second = pending(), pending(name="Second", website="https://second.example")
    Submission.objects.filter(pk=first.pk).update(confirmed_at=timezone.now() - timedelta(days=1))

    answer = client.post(f"{address(first)}?queue=kind%3Dnew", page(first, action="decide"))

    assert answer.headers["Location"] == f"{address(second)}?queue=kind%3Dnew"
    cluster = Cluster.objects.published().get()
    assert cluster.name == "Alpine Photonics Cluster"
    text = client.get(answer.headers["Location"]).content.decode()
    assert "was approved. The submitter gets a mail." in text
    assert f'href="{cluster.get_absolute_url()}"' in text
    mail = sent_mails(kind="submission_decided")[0]
    assert cluster.get_absolute_url() in mail.text


def test_after_the_last_one_comes_the_queue_with_its_filters(client, page):
    submission = pending()
    answer = client.post(f"{address(submission)}?queue=country%3DAT", page(submission, action="decide"))

    assert answer.headers["Location"] == "/admin/submissions/submission/?country=AT"


def test_a_new_cluster_can_stay_identified(client, page):
    submission = pending()
    client.post(address(submission), page(submission, action="decide", publish="no"))

    assert Cluster.objects.get().status == Cluster.Status.IDENTIFIED


def test_refuse_one_field_with_a_reason(client, page):
    cluster = ClusterFactory(published=True, place="Graz", phone="")
    submission = update_of(cluster, place="Linz", phone="+43 1 234567")
    form = page(submission, action="decide", **{"field-place": "refuse", "why-place": "The register says Graz."})

    client.post(address(submission), form)

    cluster.refresh_from_db()
    assert (cluster.place, cluster.phone, reload(submission).status) == ("Graz", "+43 1 234567", Status.PARTLY_APPROVED)
    assert "- Town: not taken over. The register says Graz." in decision_mail(submission)
    text = client.get(address(submission)).content.decode()
    assert "Refused." in text
    assert "The register says Graz." in text


def test_a_canned_reason_comes_with_the_form_where_there_is_no_script(client, page):
    cluster = ClusterFactory(published=True, place="Graz", phone="")
    submission = update_of(cluster, place="Linz", phone="+43 1 234567")
    canned = CannedReason.objects.create(use="refuse", title="No", text="There is no\nevidence.")
    form = page(submission, action="decide", **{"field-place": "refuse", "canned-place": str(canned.pk)})

    client.post(address(submission), form)

    assert "- Town: not taken over. There is no evidence." in decision_mail(submission)


def test_a_value_that_the_reviewer_wrote_is_recorded_as_theirs(client, page, rita):
    health, space = TermFactory(name="Health"), TermFactory(name="Space")
    cluster = ClusterFactory(published=True, place="Graz", terms=[])
    submission = update_of(cluster, place="Lintz", verticals=[health.slug])
    form = page(submission, action="decide", **{
        "field-place": "edit", "edit-place": "Linz", "why-place": "A slip.",
        "field-verticals": "edit", "edit-verticals": [health.slug, space.slug],
    })  # fmt: skip

    client.post(address(submission), form)

    cluster.refresh_from_db()
    assert (cluster.place, {term.name for term in cluster.terms.all()}) == ("Linz", {"Health", "Space"})
    stored = reload(submission)
    assert stored.decisions["place"] == {"accepted": True, "reason": "A slip.", "value": "Linz"}
    assert stored.payload["place"] == "Lintz"
    assert stored.reviewer == rita
    assert "- Town: changed by the reviewer to “Linz”. A slip." in decision_mail(submission)


def test_edit_without_a_change_is_an_acceptance(client, page):
    cluster = ClusterFactory(published=True, place="Graz")
    submission = update_of(cluster, place="Linz")

    client.post(address(submission), page(submission, action="decide", **{"field-place": "edit", "edit-place": "Linz"}))

    assert reload(submission).decisions == {"place": {"accepted": True, "reason": ""}}


def test_a_wrong_value_of_the_reviewer_comes_back_with_its_message(client, page):
    submission = pending(founded=2009)
    form = page(submission, action="decide", **{"field-founded": "edit", "edit-founded": "1492"})

    answer = client.post(address(submission), form)

    assert reload(submission).status == Status.PENDING
    text = answer.content.decode()
    assert "Founded in: 1492 is no plausible year" in text
    assert 'value="1492"' in text
    assert answer.context["inputs"].fields["founded"].choice == "edit"


def test_rejecting_without_a_reason_is_refused_and_the_inputs_come_back(client, page):
    submission = pending()
    form = page(
        submission, action="reject", reject_reason=" ", **{"field-summary": "refuse", "why-summary": "Too short."}
    )

    answer = client.post(address(submission), form)

    assert reload(submission).status == Status.PENDING
    text = answer.content.decode()
    assert "Say why nothing is accepted" in text
    assert 'id="reject-box" open' in text
    assert "Too short." in text
    client.post(address(submission), {**form, "reject_reason": "Not a cluster."})
    assert (reload(submission).status, reload(submission).reason) == (Status.REJECTED, "Not a cluster.")
    assert "Not a cluster." in decision_mail(submission)


def test_refusing_every_field_without_a_reason_is_refused(client, page):
    cluster = ClusterFactory(published=True, place="Graz")
    submission = update_of(cluster, place="Linz")

    answer = client.post(address(submission), page(submission, action="decide", **{"field-place": "refuse"}))
    assert "Say why nothing is accepted" in answer.content.decode()
    client.post(address(submission), page(submission, action="decide", reason="No.", **{"field-place": "refuse"}))

    assert reload(submission).status == Status.REJECTED


def test_asking_for_changes_mails_the_submitter_the_fields_and_the_text(client, page):
    submission = pending()
    form = page(submission, action="changes", changes_text="Longer, please.")

    assert "Tick at least one field" in client.post(address(submission), form).content.decode()
    client.post(address(submission), {**form, "ask": ["summary", "members", "no_field"]})

    stored = reload(submission)
    assert (stored.status, stored.asked_fields) == (Status.CHANGES_REQUESTED, ["summary", "members"])
    mail = messages_about(submission.about).get(kind="submission_changes")
    assert "Longer, please." in mail.body_text
    assert "- Summary" in mail.body_text


def test_closure_archives_only_when_somebody_chose_it(client, page):
    cluster = ClusterFactory(published=True)
    row, _link = drafts.start_draft(
        kind="closure", target=cluster, email="a@b.example", is_email_confirmed=True, message="It was dissolved."
    )
    submit.send(submission=row, notice=notice())

    assert "It was dissolved." in client.get(address(row)).content.decode()
    answer = client.post(address(row), page(row, action="decide"))
    assert "Accept or refuse that the cluster no longer exists" in answer.content.decode()
    client.post(address(row), page(row, action="decide", **{"field-closure": "accept"}))

    cluster.refresh_from_db()
    assert (cluster.status, reload(row).status) == (Cluster.Status.ARCHIVED, Status.APPROVED)


def test_a_refused_closure_leaves_the_profile_public(client, page):
    cluster = ClusterFactory(published=True)
    row, _link = drafts.start_draft(kind="closure", target=cluster, email="a@b.example", is_email_confirmed=True)
    submit.send(submission=row, notice=notice())

    client.post(address(row), page(row, action="decide", reason="It is alive.", **{"field-closure": "refuse"}))

    cluster.refresh_from_db()
    assert (cluster.status, reload(row).status) == (Cluster.Status.PUBLISHED, Status.REJECTED)


def test_an_update_that_only_says_something_can_be_approved(client, page):
    cluster = ClusterFactory(published=True)
    row, _link = drafts.start_draft(
        kind="update", target=cluster, email="a@b.example", is_email_confirmed=True, message="All is right."
    )
    submit.send(submission=row, notice=notice())

    assert "Nothing differs from the profile" in client.get(address(row)).content.decode()
    client.post(address(row), page(row, action="decide"))

    cluster.refresh_from_db()
    assert (reload(row).status, cluster.confirmed_on) == (Status.APPROVED, timezone.localdate())


def test_a_form_without_decisions_decides_nothing(client, page):
    submission = pending()
    form = page(submission, action="decide")
    for name in ("country", "name", "summary"):
        del form[f"field-{name}"]

    answer = client.post(address(submission), form)

    assert "accept or refuse it" in answer.content.decode()
    assert reload(submission).status == Status.PENDING


def test_logos_side_by_side_and_only_for_staff(client, page):
    cluster = ClusterFactory(published=True, logo=picture("navy"))
    row, _link = drafts.start_draft(kind="update", target=cluster, email="a@b.example", is_email_confirmed=True)
    row = drafts.set_logo(submission=row, logo=picture("teal"))
    submit.send(submission=row, notice=notice())
    proposed = f"/admin/submissions/submission/{row.pk}/logo/"

    text = client.get(address(row)).content.decode()
    assert f'src="{proposed}"' in text
    assert f'src="/admin/catalogue/cluster/{cluster.pk}/logo/"' in text
    answer = client.get(proposed)
    assert b"".join(answer.streaming_content) == reload(row).logo.read()
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sign_in("member").get(proposed).status_code == 403
    assert sign_in("anonymous").get(proposed).status_code == 302

    client.post(address(row), page(row, action="decide"))
    cluster.refresh_from_db()
    assert cluster.logo.read() == reload(row).logo.read()


def test_accept_all_and_refuse_all_work_without_script(client, page):
    cluster = ClusterFactory(published=True, place="Graz", phone="")
    submission = update_of(cluster, place="Linz", phone="+43 1 234567")

    for action, choice in (("refuse-all", "refuse"), ("accept-all", "accept")):
        inputs = client.post(address(submission), page(submission, action=action)).context["inputs"]
        assert {one.choice for one in inputs.fields.values()} == {choice}
    assert reload(submission).status == Status.PENDING


# --- the mail beforehand ---


@pytest.mark.parametrize(
    ("what", "filled_in", "expected"),
    [
        ("decide", {"field-place": "refuse", "why-place": "Graz!"}, "Your submission was approved in part."),
        ("reject", {"reject_reason": "Not now."}, "Your submission was not approved."),
        ("changes", {"changes_text": "Where?", "ask": ["place"]}, "Where?"),
    ],
)
def test_preview_is_the_mail_that_goes_out_and_does_nothing(client, page, what, filled_in, expected):
    cluster = ClusterFactory(published=True, place="Graz", phone="")
    submission = update_of(cluster, place="Linz", phone="+43 1 234567")
    before = messages_about(submission.about).count()

    answer = client.post(address(submission), page(submission, action=f"preview:{what}", **filled_in))

    preview = answer.context["state"].preview
    assert (preview.to, expected in preview.text) == ("ada@photonics.example", True)
    assert (reload(submission).status, messages_about(submission.about).count()) == (Status.PENDING, before)
    cluster.refresh_from_db()
    assert cluster.place == "Graz"

    client.post(address(submission), page(submission, action=what, **filled_in))
    sent_one = messages_about(submission.about).order_by("-id").first()
    assert _without_links(sent_one.body_text) == _without_links(preview.text)
    assert sent_one.subject == preview.subject


def _without_links(text: str) -> list[str]:
    from outbox.models import NOT_SHOWN
    from outbox.rendering import without_secrets

    lines = [line for line in without_secrets(text).splitlines() if line and NOT_SHOWN not in line]
    return [line for line in lines if "http" not in line and line != "link"]


# --- two reviewers, stale pages ---


def test_the_second_reviewer_sees_who_has_it_open(client):
    submission = pending()
    client.get(address(submission))
    Submission.objects.update(opened_at=timezone.now() - timedelta(minutes=3, seconds=5))
    second = client_of(person("otto"))

    text = second.get(address(submission)).content.decode()
    assert "Rita has had it open for 3 minutes." in text
    assert "Rita has it open" in second.get("/admin/submissions/submission/").content.decode()
    assert "it open" not in client.get(address(submission)).content.decode()
    client.post(f"/admin/submissions/submission/{submission.pk}/left/")
    assert "has had it open" not in second.get(address(submission)).content.decode()


def test_only_a_reviewer_who_opens_the_page_marks_it_as_open(client):
    submission = pending()
    client.head(address(submission))
    sign_in("read-only").get(address(submission))
    assert reload(submission).opened_by is None
    assert client.get(f"/admin/submissions/submission/{submission.pk}/left/").status_code == 405
    assert sign_in("read-only").post(f"/admin/submissions/submission/{submission.pk}/left/").status_code == 403
    client.get(address(submission))
    assert reload(submission).opened_by.username == "rita"


def test_the_second_decision_is_refused_and_says_who_was_faster(client, page):
    submission = pending()
    form = page(submission, action="decide")
    otto = person("otto")
    request_changes(
        submission=submission,
        reviewer=otto,
        snapshot=review.current_snapshot(submission),
        fields=["summary"],
        text="Longer.",
    )

    answer = client.post(address(submission), {**form, "reason": "Welcome!"})

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "it is changes requested now" in text
    assert "Otto did that." in text
    assert "Welcome!" in text
    assert not Cluster.objects.exists()


def test_a_decided_one_cannot_be_decided_again(client, page):
    submission = pending()
    form = page(submission, action="decide")
    accept_all(submission, by=reviewer("otto"))

    answer = client.post(address(submission), form)

    assert answer.status_code == 409
    assert "This submission is approved already." in answer.content.decode()
    assert messages_about(submission.about).filter(kind="submission_decided").count() == 1


def test_a_change_of_the_live_row_is_shown_with_the_inputs_and_then_decided(client, page):
    cluster = ClusterFactory(published=True, place="Graz", phone="")
    submission = update_of(cluster, place="Linz", phone="+43 1 234567")
    form = page(submission, action="decide", **{"field-phone": "refuse", "why-phone": "Whose is it?"})
    cluster.place = "Wels"
    cluster.save()

    answer = client.post(address(submission), form)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Town of the live profile is now: Wels." in text
    assert "Changed meanwhile." in text
    inputs = answer.context["inputs"]
    assert (inputs.fields["phone"].choice, inputs.fields["phone"].reason) == ("refuse", "Whose is it?")
    cluster.refresh_from_db()
    assert cluster.place == "Wels"

    snapshot = answer.context["snapshot"]
    client.post(address(submission), {**form, "version": snapshot.version, "live": snapshot.live})
    cluster.refresh_from_db()
    assert (cluster.place, cluster.phone) == ("Linz", "")


@pytest.mark.parametrize("version", ["", "x", "999999999999", "-1", "0"])
def test_a_forged_version_decides_nothing(client, page, version):
    submission = pending()

    assert client.post(address(submission), page(submission, action="decide", version=version)).status_code == 409
    assert reload(submission).status == Status.PENDING


# --- checks, duplicates, neighbours ---


def test_checks_are_set_aside_with_a_reason(client, page):
    submission = pending()
    Submission.objects.filter(pk=submission.pk).update(
        checks=[{"key": "website", "label": "Website", "outcome": "failed", "text": "It is gone."}]
    )

    answer = client.post(address(submission), page(submission, action="override:website", **{"override-website": ""}))
    assert "Say why the check may be set aside." in answer.content.decode()
    form = page(submission, action="override:website", **{"override-website": "It moves today.", "reason": "Kept."})
    text = client.post(address(submission), form).content.decode()

    assert "Set aside by rita: It moves today." in text
    assert "Kept." in text
    assert reload(submission).checks[0]["overridden"] == {"by": "rita", "reason": "It moves today."}
    assert reload(submission).events.last().kind == "check_overridden"


def test_a_duplicate_beside_the_proposal_becomes_an_update(client, page):
    cluster = ClusterFactory(name="Alpine Photonics Cluster", published=True, country_id="AT", place="Graz",
                             country__name="Austria", country__code="AT")  # fmt: skip
    submission = pending(place="Linz")

    text = client.get(address(submission)).content.decode()
    assert "Is it one of these?" in text
    assert f'value="update-of:{cluster.pk}"' in text
    lines = {line.label: line for line in client.get(address(submission)).context["duplicates"][0].lines}
    assert (lines["Town"].proposed, lines["Town"].known, lines["Country"].is_same) == ("Linz", "Graz", True)

    client.post(address(submission), page(submission, action=f"update-of:{cluster.pk}"))

    stored = reload(submission)
    assert (stored.kind, stored.target, set(stored.payload)) == ("update", cluster, {"place", "summary"})
    rows = client.get(address(submission)).context["difference"].changed
    assert [row.name for row in rows] == ["summary", "place"]


def test_checks_show_duplicates_and_submissions_that_came_since(client):
    submission = pending(country="AT")
    run_checks(submission.pk, get=lambda url: None, ask_domain=lambda _address: Answer.YES)

    def outcomes() -> dict[str, tuple[str, bool]]:
        checks = client.get(address(submission)).context["checks"]
        return {check.key: (check.outcome, check.can_be_set_aside) for check in checks}

    assert (outcomes()["duplicates"], outcomes()["others"]) == (("ok", False), ("ok", False))

    pending(country="AT")
    assert outcomes()["others"] == ("warning", False)
    ClusterFactory(name=submission.name, country_id="AT", country__code="AT", country__name="Austria")
    assert outcomes()["duplicates"] == ("warning", False)

    run_checks(submission.pk, get=lambda url: None, ask_domain=lambda _address: Answer.YES)
    assert (outcomes()["duplicates"], outcomes()["others"]) == (("warning", True), ("warning", True))


def test_a_stale_page_does_not_turn_it_into_an_update(client, page):
    cluster = ClusterFactory(published=True)
    submission = pending()

    answer = client.post(address(submission), page(submission, action=f"update-of:{cluster.pk}", version="99"))

    assert (answer.status_code, reload(submission).kind) == (409, "new")


def test_other_submissions_of_the_cluster_and_of_the_sender_are_listed(client):
    cluster = ClusterFactory(published=True, place="Graz")
    open_one = update_of(cluster, email="x@y.example", place="Wels")
    old = update_of(cluster, email="x@y.example", phone="+43 1 1")
    review.decide(
        old,
        Decision(
            reviewer=reviewer("otto"), snapshot=review.current_snapshot(old), reason="Whose number?", is_rejection=True
        ),
    )
    by_sender = update_of(ClusterFactory(published=True), place="Wien")
    draft(name="Not sent")
    submission = update_of(cluster, place="Linz")

    context = client.get(address(submission)).context

    assert [(one["row"].pk, one["is_same_cluster"]) for one in context["related"]] == [
        (open_one.pk, True), (old.pk, True), (by_sender.pk, False),
    ]  # fmt: skip
    assert "Whose number?" in client.get(address(submission)).content.decode()


def test_events_list_each_step_of_a_submission(client, page, rita):
    submission = pending()
    state_machine.assign(submissions=[submission], to=rita, by=person("otto"))
    client.post(address(submission), page(submission, action="changes", changes_text="Longer.", ask=["summary"]))
    submit.answer_changes(submission=reload(submission), values={"summary": "Much longer."}, message="Here it is.")

    events = client.get(address(submission)).context["events"]

    assert [(event.what, event.who, event.text) for event in events] == [
        ("The form was begun", "", ""),
        ("Sent", "", ""),
        ("Came into the queue", "", ""),
        ("Assigned to Rita", "Otto", ""),
        ("Asked for changes: Summary", "Rita", "Longer."),
        ("The submitter answered", "", "Here it is."),
    ]


def test_hostile_values_are_never_html(client):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    submission = pending(summary=hostile, description=hostile, benefits=hostile, former_names=hostile)
    Submission.objects.filter(pk=submission.pk).update(
        name=hostile, submitter_name=hostile, submitter_role=hostile, message=hostile,
        criteria_evidence="javascript:alert(1)", submitter_email='"<b>"@x.example',
        payload={
            **submission.payload, "website": "javascript:alert(3)", "region": hostile, "verticals": [hostile],
            "quality_label": hostile, "unknown_field": hostile, "members": hostile, "founded": [1],
        },
        checks=[
            {"key": "x", "label": hostile, "outcome": hostile, "text": hostile, "overridden": {"by": hostile, "reason": hostile}},
            hostile, {"key": "others", "submissions": []},
        ],
    )  # fmt: skip

    text = client.get(address(submission)).content.decode()

    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert 'href="javascript:' not in text
    assert "&lt;script&gt;alert(1)" in text
    queue = client.get("/admin/submissions/submission/").content.decode()
    assert "<script>alert" not in queue


def test_queries_of_the_page_do_not_grow(client):
    counts = []
    for number in (1, 8):
        cluster = ClusterFactory(published=True, terms=TermFactory.create_batch(number))
        submission = update_of(
            cluster, place="Linz", verticals=[term.slug for term in TermFactory.create_batch(number)]
        )
        for index in range(number):
            update_of(cluster, email=f"a{index}@b.example", place=f"Place {index}")
        client.get(address(submission))
        with CaptureQueriesContext(connection) as queries:
            client.get(address(submission))
        counts.append(len(queries))

    assert counts[0] == counts[1]
