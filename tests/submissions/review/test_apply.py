"""What a decision writes beside the fields: the day of the confirmation, the file of the logo."""

import io
from datetime import date, timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from catalogue.logos import clean_logo
from catalogue.models import Cluster
from catalogue.services.sources import Origin, Source, note_sources
from outbox.models import Message
from submissions.exceptions import DecisionNotPossible
from submissions.fields.choices import Choices
from submissions.models import Submission
from submissions.services import drafts, review, submit
from submissions.services.bulk import approve_each
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import accept_all, notice, reviewer, update_of
from tests.submissions.review.conftest import address, client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def ask(row: Submission) -> None:
    row.refresh_from_db()
    request_changes(
        submission=row, reviewer=reviewer(), snapshot=review.current_snapshot(row), fields=["place"], text="Which town?"
    )


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


@pytest.mark.parametrize(
    ("asks", "known", "expected"), [(0, 400, 30), (1, 400, 0), (2, 400, 0), (0, 10, 10), (1, 10, 0)]
)
def test_profile_is_confirmed_on_the_day_of_the_last_answer(asks: int, known: int, expected: int) -> None:
    """Sent 30 days ago, answered today; asked twice, decided before the second answer."""
    cluster = ClusterFactory(published=True, place="Graz", confirmed_on=days_ago(known))
    row = update_of(cluster, place="Linz")
    Submission.objects.update(submitted_at=timezone.now() - timedelta(days=30))
    if asks:
        ask(row)
        submit.answer_changes(submission=row, values={"place": "Wels"})
    if asks == 2:
        ask(row)

    accept_all(row)

    cluster.refresh_from_db()
    assert cluster.confirmed_on == days_ago(expected)


def with_logo(cluster: Cluster) -> Submission:
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(picture, "PNG")
    row, _link = drafts.start_draft(
        kind="update", email="ada@photonics.example", target=cluster, values={"place": "Linz"}, is_email_confirmed=True
    )
    drafts.set_logo(submission=row, logo=clean_logo(SimpleUploadedFile("x.png", picture.getvalue())))
    row.refresh_from_db()
    return submit.send(submission=row, notice=notice())


def test_a_logo_whose_file_is_missing_is_refused_and_the_rest_can_be_accepted() -> None:
    cluster = ClusterFactory(published=True, place="Graz")
    row = with_logo(cluster)
    row.logo.storage.delete(row.logo.name)
    snapshot = review.current_snapshot(row)
    both = {name: FieldDecision(True) for name in ("place", "logo")}

    for act in (review.decide, partial(review.preview, choices=Choices.load())):
        with pytest.raises(DecisionNotPossible) as refused:
            act(row, Decision(reviewer(), snapshot, both))
        assert set(refused.value.errors) == {"logo"}
        assert "its file is missing on the server" in str(refused.value)
    (result,) = approve_each([row], reviewer=reviewer())
    assert "its file is missing on the server" in result.reason
    rita = client_of(person("rita"))
    context = rita.get(address(row)).context
    form = {"version": str(context["snapshot"].version), "live": context["snapshot"].live, "action": "decide"}
    page = rita.post(address(row), {**form, "field-place": "accept", "field-logo": "accept"})
    assert (page.status_code, "its file is missing" in page.content.decode()) == (200, True)

    outcome = review.decide(
        row,
        Decision(
            reviewer=reviewer(), snapshot=snapshot, fields={**both, "logo": FieldDecision(False, "Send it again.")}
        ),
    )

    cluster.refresh_from_db()
    assert (outcome.submission.status, cluster.place, bool(cluster.logo)) == ("partly_approved", "Linz", False)
    assert Message.objects.filter(kind="submission_decided").count() == 1


def test_an_accepted_update_is_the_source_of_what_it_changed() -> None:
    cluster = ClusterFactory(published=True, place="Graz", summary="As before.", website="https://a.example/")
    report = Source(Origin.REPORT, "report D4.5", "2019-06")
    note_sources(cluster=cluster, names=["place", "summary", "website"], source=report)
    row = update_of(cluster, place="Linz", summary="As before.", website="", founded=2009)
    Submission.objects.update(submitted_at=timezone.now() - timedelta(days=3))
    row.refresh_from_db()

    accept_all(row)

    said = ("the cluster", days_ago(3).isoformat())
    assert set(cluster.fact_sources.values_list("field", "label", "as_of")) == {
        ("place", *said), ("founded", *said), ("summary", "report D4.5", "2019-06"),
    }  # fmt: skip


def test_a_logo_that_vanishes_in_the_last_moment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = with_logo(ClusterFactory(published=True, place="Graz"))
    row.logo.storage.delete(row.logo.name)
    monkeypatch.setattr("submissions.services.review.require_logo", lambda _row: None)

    with pytest.raises(DecisionNotPossible, match="its file is missing"):
        accept_all(row)
