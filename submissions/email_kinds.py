"""The kinds of mail that submissions send, with their placeholders."""

from __future__ import annotations

from outbox.kinds import Lane, MailKind, Placeholder

PROJECT = Placeholder("project", "Name of the portal's project", "Cluster Portal")
GREETING = Placeholder("greeting", "Name of the recipient, or “colleague”", "Ada Example")
CLUSTER = Placeholder("cluster", "Name of the cluster", "Alpine Photonics Cluster")
_STATUS = Placeholder(
    "status_link", "Link to the submitter's page", "https://portal.example/submit/status/sample/", is_secret=True
)


def _link(explanation: str) -> Placeholder:
    return Placeholder("link", explanation, "https://portal.example/submit/link/sample/", is_secret=True)


def _kind(name: str, purpose: str, *placeholders: Placeholder) -> MailKind:
    return MailKind(
        name=name, purpose=purpose, placeholders=(PROJECT, GREETING, *placeholders), folder=f"submissions/email/{name}",
        lane=Lane.TRANSACTIONAL, called=_CALLED[name],
    )  # fmt: skip


#: What staff reads instead of the name.
_CALLED = {
    "submission_resume": "Link to go on with the form",
    "submission_confirm": "Link to confirm the address",
    "submission_received": "Submission is in the queue",
    "submission_changes": "Changes asked for",
    "submission_decided": "Decision on a submission",
    "submission_links": "New links",
    "profile_edit_link": "Link to correct a profile",
}


KINDS = (
    _kind(
        "submission_resume", "To somebody who began to fill in the form: the link to go on.",
        CLUSTER, _link("Link to go on with the form"), Placeholder("days", "Days for which the draft is kept", "14"),
    ),
    _kind(
        "submission_confirm", "To a submitter whose address is not confirmed yet: the link to confirm.",
        CLUSTER, _link("Link to confirm"), Placeholder("days", "Days for which the link works", "14"),
    ),
    _kind(
        "submission_received", "To a submitter whose submission is in the queue now.",
        CLUSTER, _STATUS, Placeholder("position", "Place in the queue", "3"),
        Placeholder("usual_days", "Usual review time in days", "5"),
    ),
    _kind(
        "submission_changes", "To a submitter whom a reviewer asks for changes.",
        CLUSTER, _STATUS, Placeholder("text", "What the reviewer wrote", "Please tell us the number of members."),
        Placeholder("fields", "The fields to change, one per line", "- Members"),
    ),
    _kind(
        "submission_decided", "To a submitter: the decision, with the reason for each field that was refused.",
        CLUSTER, _STATUS, Placeholder("outcome", "The decision as text", "Your submission was approved."),
        Placeholder("reason", "What the reviewer wrote; may be empty", "Welcome to the catalogue.", is_optional=True),
        Placeholder("fields", "Fields that were refused or edited, one per line; may be empty", "- Members: refused.",
                    is_optional=True),
        Placeholder("profile", "Address of the public profile; empty if there is none",
                    "https://portal.example/clusters/alpine-photonics-cluster/", is_optional=True),
    ),
    _kind(
        "submission_links", "To somebody who asked for new links: one for each form and submission of the address.",
        Placeholder(
            "links", "One line with a link for each; empty if there is none",
            "Alpine Photonics Cluster, in our queue: https://portal.example/submit/status/sample/", is_secret=True,
            is_optional=True,
        ),
        Placeholder("submit_address", "Address of the form", "https://portal.example/submit/"),
    ),
    _kind(
        "profile_edit_link", "To somebody who wants to correct a profile: the link to do it.",
        CLUSTER, _link("Link to the prefilled form"), Placeholder("hours", "Hours for which the link works", "48"),
    ),
)  # fmt: skip
