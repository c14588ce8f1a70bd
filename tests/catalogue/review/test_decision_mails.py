"""The mail of a decision: shown beforehand as it will go, honest about what is public, stopped by nothing."""

from typing import Any

import pytest

from catalogue.models import Submission
from outbox import kinds
from outbox.models import Message, Wording
from outbox.rendering import default_source
from outbox.services.wordings import WordingMistaken, change
from tests.factories.submissions import accept_all, pending, reviewer

pytestmark = pytest.mark.django_db
DECIDED = kinds.find("submission_decided")


def mail_of(submission: Submission) -> Message:
    """Return the one mail that told the decision."""
    return Message.objects.get(kind="submission_decided", about=submission.about)


# --- staff's own words ---


@pytest.mark.parametrize(
    ("part", "text", "told"),
    [
        ("subject", "{% if reason %}{{ outcome }}{% endif %}", "Where {{ reason }} is empty, the subject is empty."),
        ("text", "Hello {% if reason %}{{ status_link }}{% endif %}", "Where {{ reason }} is empty, {{ status_link }} is missing"),
        ("text", "Hello {% if not fields %}{{ status_link }}{% endif %}", "Where every value is given, {{ status_link }} is missing"),
    ],
)  # fmt: skip
def test_a_wording_that_would_stop_a_decision_is_refused(part: str, text: str, told: str) -> None:
    assert DECIDED
    default = default_source(DECIDED)
    parts: dict[str, Any] = {"subject": default.subject, "text": default.text, part: text}

    with pytest.raises(WordingMistaken) as refused:
        change(kind=DECIDED, html="", user=reviewer(), version="default", **parts)

    assert set(refused.value.mistakes) == {part}
    assert told in refused.value.mistakes[part]


def test_a_wording_stored_before_that_rule_does_not_stop_a_decision(caplog: pytest.LogCaptureFixture) -> None:
    Wording.objects.create(
        kind="submission_decided", subject="{% if reason %}{{ outcome }}{% endif %}", body_text="{{ status_link }}"
    )
    row = pending()

    accept_all(row)

    assert mail_of(row).subject == "Your submission was approved. (Alpine Photonics Cluster)"
    assert "The wording of submission_decided cannot be used, its default is sent" in caplog.text
