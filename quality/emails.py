"""The mail that asks a cluster whether its profile is still right."""

from __future__ import annotations

from django.utils import formats

from catalogue.models import Cluster
from outbox.kinds import Lane, MailKind, Placeholder
from outbox.mail import Mail
from outbox.services.posting import post
from publicforms import links as signed_links
from quality.models import FreshnessRequest
from submissions.email_kinds import CLUSTER, GREETING, PROJECT
from submissions.emails import common_values, days_of


def _answer(name: str, explanation: str) -> Placeholder:
    sample = f"https://portal.example/submit/link/sample/?answer={name}"
    return Placeholder(f"{name}_link", explanation, sample, is_secret=True)


FRESHNESS_REQUEST = MailKind(
    name="freshness_request",
    purpose="To a cluster whose profile was not confirmed for long: is it still right?",
    placeholders=(
        PROJECT,
        GREETING,
        CLUSTER,
        Placeholder(
            "profile", "Address of the public profile", "https://portal.example/clusters/alpine-photonics-cluster/"
        ),
        Placeholder("confirmed", "When it was last confirmed", "was last confirmed on 3 May 2026"),
        Placeholder("facts", "Some of what the profile says, one per line", "- Members: 120"),
        _answer("correct", "Link: still correct"),
        _answer("edit", "Link: I correct it"),
        _answer("closed", "Link: it no longer exists"),
        Placeholder("days", "Days for which the links work", "60"),
    ),
    folder="quality/email/freshness_request",
    # Nobody asked for this mail: whoever wants no mail to many gets none of these either.
    lane=Lane.BULK,
    called="Freshness request",
)


def send_freshness_request(request: FreshnessRequest, name: str = "") -> None:
    """Ask whether a profile is still right, with a link for each answer; ``name`` is the recipient's."""
    cluster, link = request.cluster, request.link
    if link is None:
        raise ValueError("A request without link has nothing to ask with.")
    address = signed_links.address_of(link)
    confirmed = "has never been confirmed"
    if cluster.confirmed_on:
        confirmed = f"was last confirmed on {formats.date_format(cluster.confirmed_on, 'j F Y')}"
    post(Mail(
        key=f"freshness-{link.pk}", kind="freshness_request", to=request.email, to_name=name,
        about=cluster.about,
        values={
            **common_values(name), "cluster": cluster.name, "profile": signed_links.absolute(cluster.get_absolute_url()),
            "confirmed": confirmed, "facts": "\n".join(_facts(cluster)), "days": days_of(link),
            **{f"{answer}_link": f"{address}?answer={answer}" for answer in ("correct", "edit", "closed")},
        },
    ))  # fmt: skip


def _facts(cluster: Cluster) -> list[str]:
    """Return what a reader can check at a glance, one line each."""
    place = ", ".join(part for part in (cluster.place_text, cluster.country.name) if part)
    facts = {
        "Place": place, "Website": cluster.website or "none", "Public e-mail": cluster.email or "none",
        "Phone": cluster.phone or "none", "Members": cluster.members_text or "not known",
    }  # fmt: skip
    return [f"- {label}: {text}" for label, text in facts.items()]
