"""Asking whether a profile is still right: whom, in which order, never twice, and what the answers do."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalogue.models import Cluster
from catalogue.services.clusters import archive_clusters
from outbox.models import Message
from outbox.services.suppression import suppress
from publicforms.exceptions import LinkNotUsable
from publicforms.links import spend
from publicforms.models import LinkToken
from quality import freshness
from quality.freshness import assess, run_plan, upcoming
from quality.models import FreshnessPlan, FreshnessRequest
from quality.tasks import ask_for_freshness
from submissions.exceptions import AnswerNotPossible
from submissions.models import ClusterEditor, Submission
from submissions.services import drafts
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import accept_all, update_of
from tests.mail import link_in, sent_mails

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TODAY = timezone.localdate


def ago(days: int) -> Any:
    return TODAY() - timedelta(days=days)


def old(name: str = "Alpha", days: int | None = 400, **values: Any) -> Cluster:
    """Return a published cluster that was confirmed so many days ago; ``None`` for never."""
    values = {"email": f"office@{name.lower()}.example", **values}
    return ClusterFactory(published=True, name=name, confirmed_on=None if days is None else ago(days), **values)


def asked() -> list[tuple[str, str]]:
    return list(FreshnessRequest.objects.order_by("pk").values_list("cluster__name", "email"))


def editor(cluster: Cluster, email: str, **values: Any) -> ClusterEditor:
    return ClusterEditor.objects.create(cluster=cluster, email=email, **values)


def test_the_oldest_are_asked_first_up_to_the_cap_and_never_confirmed_ones_before_all() -> None:
    FreshnessPlan.objects.create(pk=1, cap=3)
    now = timezone.now()
    old("Two", 800)
    old("One", 500)
    old("Fresh", 363)
    old("NeverLate", None, published_at=now - timedelta(days=1))
    old("NeverEarly", None, published_at=now - timedelta(days=900))
    ClusterFactory(name="Hidden", email="hidden@c.example")
    ClusterFactory(name="Former", email="former@c.example", status="archived", confirmed_on=ago(900))

    assert run_plan() == {"asked": 3}

    assert [name for name, _email in asked()] == ["NeverEarly", "NeverLate", "Two"]
    assert run_plan() == {"asked": 0}  # three a day
    assert run_plan(now=now + timedelta(days=1)) == {"asked": 1}
    assert asked()[-1][0] == "One"
    assert run_plan(now=now + timedelta(days=2)) == {"asked": 1}  # Fresh has become old meanwhile
    assert run_plan(now=now + timedelta(days=4)) == {"asked": 0}
    assert run_plan(now=now + timedelta(days=61)) == {"asked": 3}  # those who did not answer


def test_the_mail_holds_three_links_of_one_token_and_none_of_them_is_stored() -> None:
    cluster = old(members=120, members_qualifier="at_least", phone="+43 1 234")

    run_plan()

    (mail,) = sent_mails(to="office@alpha.example")
    paths = [link_in(mail, f"answer={answer}") for answer in ("correct", "edit", "closed")]
    assert len({path.partition("?")[0] for path in paths}) == 1
    assert "- Members: at least 120" in mail.text
    assert f"was last confirmed on {ago(400).day} " in mail.text
    assert f"/clusters/{cluster.slug}/" in mail.text
    assert mail.row.lane == "bulk"
    assert paths[0].split("/")[3] not in mail.row.body_text


@pytest.mark.parametrize("crashes", [0, 1, 2])
def test_a_run_that_is_killed_or_repeated_asks_nobody_twice(crashes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        old(f"C{number}")
    send, calls = freshness.emails.send_freshness_request, []

    def dying(request: FreshnessRequest, name: str = "") -> None:
        calls.append(request)
        if len(calls) == crashes + 1:
            raise KeyboardInterrupt
        send(request, name)

    monkeypatch.setattr(freshness.emails, "send_freshness_request", dying)
    with pytest.raises(KeyboardInterrupt):
        ask_for_freshness()
    assert len(asked()) == crashes == Message.objects.count()

    ask_for_freshness()
    ask_for_freshness()

    assert sorted(asked()) == [(f"C{number}", f"office@c{number}.example") for number in range(4)]
    assert sorted(Message.objects.values_list("recipient", flat=True)) == [f"office@c{n}.example" for n in range(4)]
    assert LinkToken.objects.count() == 4


def test_two_runs_at_once_see_each_other() -> None:
    cluster = old()
    plan = FreshnessPlan.current()
    (candidate,) = upcoming(plan)  # both runs saw this

    assert freshness.ask(cluster=candidate.cluster, plan=plan) is not None
    assert freshness.ask(cluster=candidate.cluster, plan=plan) is None
    assert asked() == [(cluster.name, cluster.email)]


def test_editors_come_before_the_public_address_and_take_turns() -> None:
    cluster = old()
    editor(cluster, "off@alpha.example", is_active=False)
    editor(cluster, "ada@alpha.example", name="Ada Example")
    editor(cluster, "ben@alpha.example")
    now = timezone.now()

    for days in (0, 61, 122):
        assert run_plan(now=now + timedelta(days=days)) == {"asked": 1}

    assert [email for _name, email in asked()] == ["ada@alpha.example", "ben@alpha.example", "ada@alpha.example"]
    assert "Dear Ada Example," in sent_mails(to="ada@alpha.example")[0].text


def test_who_is_not_asked_and_why() -> None:
    plan = FreshnessPlan.current()
    old("Silent", email="")
    stopped = old("Stopped")
    suppress(address=stopped.email, reason="opted out")
    half = old("Half")
    editor(half, "gone@half.example")
    suppress(address="gone@half.example", reason="bounced")
    busy = old("Busy")
    update_of(busy, email=busy.email, place="Graz")
    asked_before = old("Asked")
    freshness.ask(cluster=asked_before)

    found = {candidate.cluster.name: candidate for candidate in upcoming(plan)}

    assert {name: candidate.obstacle for name, candidate in found.items()} == {
        "Silent": "It has no address: no editor, no public e-mail.",
        "Stopped": "No mail may go to its addresses (suppressed).",
        "Half": "",
        "Busy": "A submission from this address waits already.",
        "Asked": f"It was asked on {TODAY().day} {TODAY():%B %Y} already.",
    }
    assert {name for name, candidate in found.items() if candidate.lacks_address} == {"Silent", "Stopped"}
    assert found["Half"].email == "office@half.example"
    run_plan()
    assert asked() == [("Asked", "office@asked.example"), ("Half", "office@half.example")]


def test_a_decided_submission_is_no_obstacle_and_its_approval_confirms() -> None:
    cluster = old()
    accept_all(update_of(cluster, email=cluster.email, place="Graz"))
    assert run_plan() == {"asked": 0}  # confirmed by the approval
    Cluster.objects.update(confirmed_on=ago(366))
    assert run_plan() == {"asked": 1}


def test_the_preview_costs_the_same_for_any_number(django_assert_num_queries: Any) -> None:
    plan = FreshnessPlan.current()
    for number in range(5):
        editor(old(f"C{number}"), f"e{number}@c.example")
    with django_assert_num_queries(5):
        assert len(upcoming(plan)) == 5
    with django_assert_num_queries(5):
        assert freshness.outlook(plan, shown=2).due == 5


def test_switching_off_stops_before_the_next_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        old(f"C{number}")
    send = freshness.emails.send_freshness_request

    def stopping(request: FreshnessRequest, name: str = "") -> None:
        send(request, name)
        FreshnessPlan.objects.update(is_on=False)

    monkeypatch.setattr(freshness.emails, "send_freshness_request", stopping)
    assert run_plan() == {"asked": 1}
    assert run_plan() == {"asked": 0}
    assert FreshnessPlan.current().last_run_sent == 1


def test_by_hand_a_fresh_profile_is_asked_too_but_not_twice_a_week() -> None:
    person = User.objects.create(username="ann")
    cluster = old(days=10)
    FreshnessPlan.objects.create(pk=1, is_on=False)

    assert freshness.ask(cluster=cluster, by=person) is not None
    assert freshness.ask(cluster=cluster, by=person) is None
    (candidate,) = assess([cluster], FreshnessPlan.current(), is_manual=True)
    assert "already" in candidate.obstacle
    later = timezone.now() + timedelta(days=8)
    assert freshness.ask(cluster=cluster, by=person, now=later) is not None
    assert freshness.asked_today() == 0  # the job's cap is its own


# --- answers ---


def link_of(cluster: Cluster) -> LinkToken:
    request = freshness.ask(cluster=cluster)
    assert request is not None
    assert request.link is not None
    return request.link


def answer(link: LinkToken, act: Any, **words: str) -> Any:
    """Do what the page of a link does when its button is pressed."""
    with transaction.atomic():
        spend(link)
        return act(link=link, **words)


def test_still_correct_confirms_today_once() -> None:
    cluster = old()
    link = link_of(cluster)
    versions = cluster.history.count()

    answer(link, freshness.confirm)

    cluster.refresh_from_db()
    assert cluster.confirmed_on == TODAY()
    assert cluster.history.count() == versions + 1
    assert cluster.history.first().history_change_reason == "Confirmed by link"
    request = FreshnessRequest.objects.get()
    assert (request.answer, request.answered_at is not None, request.submission) == ("correct", True, None)
    with pytest.raises(LinkNotUsable, match="used already"):
        answer(link, freshness.begin_edit)
    assert not Submission.objects.exists()


def test_edit_begins_an_update_whose_address_is_confirmed() -> None:
    cluster = old(place="Graz")

    submission, form_link = answer(link_of(cluster), freshness.begin_edit)

    assert (submission.kind, submission.channel, submission.target) == ("update", "reminder", cluster)
    assert submission.email_confirmed_at
    assert submission.trust == "public"
    assert submission.base["place"] == "Graz"
    assert form_link.purpose == "draft"
    assert FreshnessRequest.objects.get().submission == submission
    drafts.save_draft(submission=submission, values={"place": "Linz"})
    assert sent_mails(kind="submission_resume") == []


def test_closed_waits_for_review_and_changes_nothing_yet() -> None:
    cluster = old()

    submission = answer(link_of(cluster), freshness.report_closure, message="We ended in May. ", successor="Beta Net")

    assert (submission.kind, submission.channel, submission.status) == ("closure", "reminder", "pending")
    assert (submission.trust, submission.submitter_email) == ("public", "office@alpha.example")
    assert submission.message == "We ended in May.\n\nSuccessor: Beta Net"
    assert submission.consented_at is None
    cluster.refresh_from_db()
    assert cluster.status == "published"
    assert cluster.confirmed_on == ago(400)
    assert [mail.kind for mail in sent_mails(about=submission.about)] == ["submission_received"]
    accept_all(submission)
    cluster.refresh_from_db()
    assert cluster.status == "archived"


@pytest.mark.parametrize("act", [freshness.confirm, freshness.begin_edit, freshness.report_closure])
def test_an_address_that_left_and_a_cluster_that_left_answer_nothing(act: Any) -> None:
    left, archived = old("Left"), old("Archived")
    links = link_of(left), link_of(archived)
    Cluster.objects.filter(pk=left.pk).update(email="new@left.example")
    archive_clusters(clusters=[archived])

    with pytest.raises(AnswerNotPossible, match="is not one of this profile"):
        answer(links[0], act)
    with pytest.raises(AnswerNotPossible, match="not in the catalogue"):
        answer(links[1], act)

    assert set(LinkToken.objects.values_list("used_at", flat=True)) == {None}
    assert set(FreshnessRequest.objects.values_list("answer", flat=True)) == {""}
    assert set(Cluster.objects.values_list("confirmed_on", flat=True)) == {ago(400)}
