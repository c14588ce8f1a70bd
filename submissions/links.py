"""What the signed links of submissions are for, and the lasting one to the submitter's own page."""

from __future__ import annotations

from enum import StrEnum

from django.utils import timezone

from catalogue.locking import lock_clusters_for_update
from catalogue.models import Cluster
from publicforms import links as signed_links
from publicforms.exceptions import LinkNotUsable
from publicforms.models import LinkToken
from submissions.models import Submission


class Purpose(StrEnum):
    """What a link about a submission does, and the one that begins a correction of a cluster."""

    CONFIRM = "confirm"
    EDIT = "edit"
    RESUME = "resume"
    DRAFT = "draft"
    STATUS = "status"


def submission_of(link: LinkToken) -> Submission:
    """Return the submission that ``link`` is about. Raises :class:`LinkNotUsable` if it is about none."""
    if not isinstance(link.subject, Submission):
        raise LinkNotUsable("foreign")
    return link.subject


def cluster_of(link: LinkToken) -> Cluster:
    """Return the cluster that ``link`` is about. Raises :class:`LinkNotUsable` if it is about none."""
    if not isinstance(link.subject, Cluster):
        raise LinkNotUsable("foreign")
    return link.subject


def lock_submission(key: int) -> Submission | None:
    """Lock a submission before a link to it, in the order of :mod:`catalogue.locking`."""
    rows = Submission.objects.select_related("target").select_for_update(of=("self",))
    return rows.filter(pk=key).first()


def lock_cluster(key: int) -> Cluster | None:
    """Lock a cluster before a link about it, in the order of :mod:`catalogue.locking`."""
    return lock_clusters_for_update([key]).get(key)


def status_address(submission: Submission) -> str:
    """Return the complete address of the submitter's page of ``submission``; the same one every time."""
    return signed_links.absolute(status_path(submission))


def status_path(submission: Submission) -> str:
    """Return the path of the submitter's page of ``submission``."""
    return signed_links.path_of(status_link(submission))


def status_link(submission: Submission) -> LinkToken:
    """Return the link to the submitter's page of ``submission``, made when first asked for."""
    link = submission.links.filter(purpose=Purpose.STATUS, expires_at__gt=timezone.now()).first()
    return link or signed_links.issue(Purpose.STATUS, subject=submission, email=submission.submitter_email)
