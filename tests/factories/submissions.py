"""Submissions in every state, made by the services themselves."""

from typing import Any

from django.contrib.auth.models import Permission, User

from catalogue.models import Cluster, Country
from submissions.models import PrivacyNotice, Submission
from submissions.services import drafts, review, submit
from submissions.services.review import Decision, FieldDecision

VALUES: dict[str, Any] = {
    "country": "AT",
    "name": "Alpine Photonics Cluster",
    "summary": "Gathers firms that build lasers.",
}


def notice() -> PrivacyNotice:
    """Return the privacy notice in force."""
    return PrivacyNotice.objects.get_or_create(version="test", defaults={"text": "We publish the contact."})[0]


def draft(**values: Any) -> Submission:
    """Return a draft of a new cluster in Austria."""
    Country.objects.get_or_create(code="AT", defaults={"name": "Austria"})
    email = values.pop("email", "ada@photonics.example")
    return drafts.start_draft(email=email, values={**VALUES, **values}, submitter_name="Ada Example")[0]


def sent(**values: Any) -> Submission:
    """Return a submission that was sent and not confirmed."""
    return submit.send(submission=draft(**values), notice=notice())


def pending(**values: Any) -> Submission:
    """Return a submission in the queue."""
    return submit.confirm(submission=sent(**values))


def update_of(cluster: Cluster, *, email: str = "ada@photonics.example", **values: Any) -> Submission:
    """Return an update of ``cluster`` in the queue."""
    row, _link = drafts.start_draft(
        kind=Submission.Kind.UPDATE, email=email, target=cluster, values=values, is_email_confirmed=True
    )
    return submit.send(submission=row, notice=notice())


def reviewer(name: str = "rita") -> User:
    """Return a reviewer."""
    return User.objects.get_or_create(username=name, defaults={"is_staff": True})[0]


def accepting(submission: Submission, by: User | None = None, **options: Any) -> Decision:
    """Return the decision that accepts every field of ``submission`` as it is now."""
    submission.refresh_from_db()
    names = review.names_to_decide(submission, review.live_values(submission)) or ["closure"]
    fields = {name: FieldDecision(True) for name in names}
    return Decision(by or reviewer(), review.current_snapshot(submission), fields, **options)


def accept_all(submission: Submission, by: User | None = None, **options: Any) -> review.Outcome:
    """Accept every field of ``submission`` as it is now."""
    return review.decide(submission, accepting(submission, by, **options))


def approver(name: str = "anna") -> User:
    """Return somebody of staff who may approve whole imports."""
    user = User.objects.get_or_create(username=name, defaults={"is_staff": True})[0]
    user.user_permissions.add(
        *Permission.objects.filter(
            codename__in=["approve_import", "publish_cluster", "view_spreadsheetimport"],
        )
    )
    return user
