"""Several submissions approved at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue.models import Cluster
from outbox.services.posting import messages_about
from submissions.models import Submission
from submissions.services import review, state_machine
from submissions.services.bulk import approve_each
from submissions.services.request_changes import override_check, request_changes
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import pending, reviewer, update_of
from tests.submissions.review.conftest import client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
APPROVE = "/admin/submissions/submission/approve/"
QUEUE = "/admin/submissions/submission/"


def trivial(place: str = "Linz") -> Submission:
    """Return an update that was checked, with nothing found."""
    row = update_of(ClusterFactory(published=True, place="Graz"), place=place)
    Submission.objects.filter(pk=row.pk).update(checked_at=timezone.now())
    return row


def ids(*rows: Submission) -> str:
    """Return the keys as an address names them."""
    return ",".join(str(row.pk) for row in rows)


def form_of(context) -> dict:
    """Return the form of the page that asks, as a browser would send it."""
    items = context["trivial"]
    form = {"ticked": [item.submission.pk for item in items], "queue": context["queue_query"], "publish": "yes"}
    return form | {f"seen-{item.submission.pk}": f"{item.snapshot.version}:{item.snapshot.live}" for item in items}


def test_ticked_submissions_are_listed_with_every_difference(client):
    rows = [trivial("Linz"), trivial("Wels")]

    answer = client.post(f"{QUEUE}?kind=update", {"action": "approve", "ticked": [row.pk for row in rows]})
    page = client.get(answer.headers["Location"])

    text = page.content.decode()
    assert "Approve 2 submissions" in text
    assert [[row.pieces for row in item.difference.changed] for item in page.context["trivial"]] == [
        [(("gone", "Graz"), ("new", "Linz"))],
        [(("gone", "Graz"), ("new", "Wels"))],
    ]
    assert {row.place for row in Cluster.objects.all()} == {"Graz"}


def test_approving_them_writes_mails_and_history_for_each(client, rita):
    rows = [trivial("Linz"), trivial("Wels")]
    context = client.get(APPROVE, {"ids": ids(*rows), "queue": "kind=update"}).context

    answer = client.post(APPROVE, form_of(context), follow=True)

    assert answer.redirect_chain == [(f"{QUEUE}?kind=update", 302)]
    assert "2 submissions approved; 2 of the profiles are public." in answer.content.decode()
    assert {row.place for row in Cluster.objects.all()} == {"Linz", "Wels"}
    for row in rows:
        row.refresh_from_db()
        assert (row.status, row.reviewer) == (Submission.Status.APPROVED, rita)
        assert messages_about(row.about).filter(kind="submission_decided").count() == 1
        assert row.target.history.first().history_change_reason == f"Submission {row.public_id}"


def _failed(row):
    Submission.objects.filter(pk=row.pk).update(
        checks=[{"key": "website", "label": "Website", "outcome": "failed", "text": "It is gone."}]
    )


def _set_aside(row):
    _failed(row)
    override_check(submission=row, key="website", reviewer=reviewer(), reason="It moves.")


def _not_checked(row):
    Submission.objects.filter(pk=row.pk).update(checked_at=None)


def _duplicate(row):
    Submission.objects.filter(pk=row.pk).update(payload={**row.payload, "name": "Graz Photonics"})
    ClusterFactory(name="Graz Photonics", country=row.country)


def _message(row):
    Submission.objects.filter(pk=row.pk).update(message="Please call me.")


def _meanwhile(row):
    row.target.place = "Wien"
    row.target.save()


def _open(row):
    Submission.objects.filter(pk=row.pk).update(opened_by=person("otto"), opened_at=timezone.now())


def _asked(row):
    request_changes(
        submission=row, reviewer=reviewer(), snapshot=review.current_snapshot(row), fields=["place"], text="Where?"
    )


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (_failed, "Website: It is gone."),
        (_set_aside, ""),
        (_not_checked, "It is not checked yet"),
        (_duplicate, "Duplicates: It may be 1 cluster that we have."),
        (_message, "There is a message to read"),
        (_meanwhile, "Changed on the profile meanwhile: Town"),
        (_open, "Otto has it open"),
        (_asked, "It is changes requested"),
    ],
)
def test_only_trivial_ones_are_approved_together(client, happens, words):
    row = trivial()
    happens(row)

    context = client.get(APPROVE, {"ids": ids(row)}).context

    assert [item.obstacles for item in context["others"]] == ([[words]] if words else [])
    assert len(context["trivial"]) == (0 if words else 1)


def test_one_that_cannot_be_approved_stops_none_of_the_others(client):
    first, second, third = trivial("Linz"), trivial("Wels"), trivial("Steyr")
    form = form_of(client.get(APPROVE, {"ids": ids(first, second, third)}).context)
    second.target.phone = second.target.place = "Wien"
    second.target.save()
    form[f"seen-{third.pk}"] = "1:forged"

    text = client.post(APPROVE, form, follow=True).content.decode()

    assert [Submission.objects.get(pk=row.pk).status for row in (first, second, third)] == [
        "approved", "pending", "pending",
    ]  # fmt: skip
    assert "1 submission approved" in text
    assert f"{second.name}: not approved. It needs a review of its own: Changed on the profile meanwhile: Town" in text
    assert f"{third.name}: not approved. Something changed since you opened this page" in text


def test_unticked_submissions_stay_in_the_queue(client):
    first, second = trivial("Linz"), trivial("Wels")
    form = form_of(client.get(APPROVE, {"ids": ids(first, second)}).context)

    client.post(APPROVE, {**form, "ticked": [second.pk]})

    assert [Submission.objects.get(pk=row.pk).status for row in (first, second)] == ["pending", "approved"]


def test_new_ones_become_public_or_stay_identified(client):
    for publish, status in (("no", "identified"), ("yes", "published")):
        row = pending(name=f"Cluster {publish}", website=f"https://{publish}.example")
        Submission.objects.filter(pk=row.pk).update(checked_at=timezone.now())
        form = form_of(client.get(APPROVE, {"ids": ids(row)}).context)
        client.post(APPROVE, {**form, "publish": publish})
        assert Cluster.objects.get(name=f"Cluster {publish}").status == status


def test_readers_approve_nothing():
    row = trivial()
    reader = sign_in("read-only")

    assert reader.get(APPROVE, {"ids": ids(row)}).status_code == 403
    assert reader.post(APPROVE, {"ticked": row.pk, f"seen-{row.pk}": "1:x"}).status_code == 403
    assert sign_in("anonymous").get(APPROVE, {"ids": ids(row)}).status_code == 302


@pytest.mark.parametrize("keys", ["", "x", "0", "1,,2", "9" * 40])
def test_unknown_keys_lead_to_a_page_that_says_what_to_do(client, keys):
    answer = client.get(APPROVE, {"ids": keys})

    assert answer.status_code == 200
    assert "No submission was ticked." in answer.content.decode()
    assert not answer.context["trivial"]


def test_queries_of_the_preview_do_not_grow(client):
    counts = []
    for number in (2, 10):
        rows = [trivial(f"Place {index}") for index in range(number)]
        client.get(APPROVE, {"ids": ids(*rows)})
        with CaptureQueriesContext(connection) as queries:
            client.get(APPROVE, {"ids": ids(*rows)})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_approving_without_snapshots_takes_submissions_as_they_are():
    rows = [trivial("Linz"), trivial("Wels")]
    done = state_machine.assign(submissions=rows, to=reviewer("otto"), by=reviewer())
    Submission.objects.filter(pk=rows[1].pk).update(status="withdrawn", last_move_at=timezone.now() - timedelta(days=1))

    results = list(approve_each(rows, reviewer=reviewer()))

    assert done == 2
    assert [result.reason for result in results] == ["", "This submission is withdrawn already."]
    assert client_of(person("paula")).get(QUEUE).status_code == 200
