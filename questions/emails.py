"""The mails around a question: the link to its sender, the question to whoever is asked."""

from __future__ import annotations

from catalogue.models import Cluster
from consortium.models import Project
from outbox.kinds import MailKind, Placeholder
from outbox.mail import Mail
from outbox.services.posting import post
from publicforms import links as signed_links
from questions.models import Question
from submissions.email_kinds import CLUSTER, GREETING, PROJECT
from submissions.emails import common_values, days_of

PURPOSE = "question"
_PROFILE = Placeholder(
    "profile", "Address of the public profile", "https://portal.example/clusters/alpine-photonics-cluster/"
)
_QUESTION = (
    Placeholder("question", "What the visitor wrote", "Do you take members from abroad?"),
    Placeholder("sender_name", "Name of the visitor; may be empty", "Ada Example", is_optional=True),
    Placeholder("sender_email", "Confirmed address of the visitor, to which answers go", "ada@photonics.example"),
)


def _kind(name: str, called: str, purpose: str, *placeholders: Placeholder) -> MailKind:
    return MailKind(
        name=name, called=called, purpose=purpose, folder=f"questions/email/{name}",
        placeholders=(PROJECT, CLUSTER, *placeholders),
    )  # fmt: skip


KINDS = (
    _kind(
        "question_confirm", "Link to send a question",
        "To a visitor who asked something about a cluster: the link to confirm the address.",
        GREETING, Placeholder("recipient", "Who gets the question", "the consortium"),
        Placeholder("link", "Link to confirm", "https://portal.example/submit/link/sample/", is_secret=True),
        Placeholder("days", "Days for which the link works", "14"),
    ),
    _kind(
        "question_to_consortium", "Question to the consortium",
        "To the project's contact address: what a visitor asks about a cluster.", _PROFILE, *_QUESTION,
    ),
    _kind(
        "question_to_cluster", "Question to a cluster",
        "To the address of a cluster that is not public: what a visitor wrote to it.", GREETING, _PROFILE, *_QUESTION,
        Placeholder("contact", "The project's contact address; may be empty", "office@portal.example", is_optional=True),
    ),
)  # fmt: skip


def send_link(question: Question) -> None:
    """Send the link that confirms a question. The mail holds no word of it: anybody may have written it."""
    link = signed_links.issue(PURPOSE, subject=question, email=question.email)
    post(Mail(
        key=f"question-confirm-{link.pk}", kind="question_confirm", to=question.email, about=question.about,
        values={
            **common_values(""), "cluster": question.cluster.name, "recipient": recipient_name(question),
            "link": signed_links.address_of(link), "days": days_of(link),
        },
    ))  # fmt: skip


def pass_on(question: Question, cluster: Cluster, address: str) -> None:
    """Write a confirmed question about ``cluster`` to ``address``; answers go to its sender. Once each."""
    values = {
        "project": str(Project.current().name), "cluster": cluster.name, "question": question.text,
        "profile": signed_links.absolute(cluster.get_absolute_url()), "sender_name": question.name,
        "sender_email": question.email,
    }  # fmt: skip
    if question.to == Question.To.CLUSTER:
        values |= {**common_values(""), "contact": Project.current().contact_email}
    post(Mail(
        key=f"question-{question.reference}", kind=f"question_to_{question.to}", to=address,
        reply_to=question.email, about=cluster.about, values=values,
    ))  # fmt: skip


def recipient_name(question: Question) -> str:
    """Return who gets the question, as its sender reads it."""
    return question.cluster.name if question.to == Question.To.CLUSTER else question.get_to_display()
