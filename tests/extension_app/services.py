"""What happens to visits."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalogue.models import Cluster
from outbox.mail import Mail
from outbox.services.posting import post
from publicforms import links
from submissions.models import Submission
from tests.extension_app.models import Visit
from workplace.nightly import for_each
from workplace.versions import describe_version


def note_visit(cluster: Cluster, *, code: str, by: User | None) -> Visit:
    """Note that ``by`` was at ``cluster``, which confirms its profile."""
    with transaction.atomic():
        visit = Visit.objects.create(cluster=cluster, code=code, visitor=by)
        cluster.confirmed_on = timezone.localdate()
        describe_version(cluster, reason=f"Visit {visit.code}", by=by).save(update_fields=["confirmed_on"])
    return visit


def ask_to_confirm(visit: Visit) -> None:
    """Send the person who was met a link that confirms the visit."""
    with transaction.atomic():
        link = links.issue("confirm_visit", subject=visit, email=visit.email)
        values = {"cluster": visit.cluster.name, "link": links.address_of(link)}
        post(Mail(key=f"visit-{link.pk}", kind="visit", to=visit.email, values=values, about=visit.cluster.about))


def erase_person(email: str) -> int:
    """Forget the person behind ``email``; return how many visits that were."""
    return Visit.objects.filter(email__iexact=email).update(email="", note="")


def empty_notes_of(submission: Submission) -> None:
    """Empty the notes on visits that came of ``submission``."""
    Visit.objects.filter(submission=submission).update(email="", note="")


def delete_old() -> int:
    """Delete visits of more than three years ago; return how many."""
    old = Visit.objects.filter(visited_at__lt=timezone.now() - timedelta(days=3 * 365)).values_list("pk", flat=True)
    return for_each("visit", list(old), lambda key: bool(Visit.objects.filter(pk=key).delete()[0]))
