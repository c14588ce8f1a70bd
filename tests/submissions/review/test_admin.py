"""Who may open the pages of submissions, of known editors and of canned reasons."""

import pytest
from django.apps import apps
from django.urls import reverse

from submissions.migrations import _starting_texts
from submissions.models import CannedReason, ClusterEditor
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import EDITORS, READERS, REVIEWERS, ROLES, sign_in
from tests.factories.submissions import pending
from tests.staff import admin_address
from tests.submissions.review.conftest import address

pytestmark = pytest.mark.django_db

NOBODY: set[str] = set()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", ["submission", "clustereditor"])
def test_each_role_opens_the_pages_it_may(model: str, role: str) -> None:
    row = pending() if model == "submission" else ClusterEditor.objects.create(
        cluster=ClusterFactory(), email="ada@cluster.example"
    )  # fmt: skip
    client = sign_in(role)
    is_editor = model == "clustereditor"
    allowed = {
        "changelist": READERS,
        "change": READERS,
        "add": REVIEWERS if is_editor else NOBODY,
        "delete": EDITORS if is_editor else NOBODY,
    }

    for page, roles in allowed.items():
        args = [] if page in ("changelist", "add") else [row.pk]
        status = client.get(admin_address(model, page, *args)).status_code
        assert status == (302 if role == "anonymous" else 200 if role in roles else 403), page


def test_history_of_a_submission_is_on_its_page() -> None:
    submission = pending()

    answer = sign_in("read-only").get(reverse("admin:submissions_submission_history", args=[submission.pk]))

    assert answer.headers["Location"] == f"{address(submission)}#events"


def test_there_is_a_first_set_of_canned_reasons_for_every_use() -> None:
    # A test that empties all tables may have run before: what the migration writes is written again.
    _starting_texts.write(apps, None)
    assert {reason.use for reason in CannedReason.objects.all()} == {"reject", "refuse", "changes"}
    assert 8 <= CannedReason.objects.count() <= 13


def test_an_editor_added_by_staff_is_known_to_the_next_submission(client) -> None:
    cluster = ClusterFactory(published=True, place="Graz")
    client.post(
        reverse("admin:submissions_clustereditor_add"),
        {"cluster": cluster.pk, "email": "Ada@Photonics.example", "name": "Ada", "is_active": "on", "note": ""},
    )

    assert ClusterEditor.objects.get().email == "ada@photonics.example"


def test_pages_of_submissions_hold_no_inline_script_or_style(client) -> None:
    submission = pending()
    for page in (reverse("admin:submissions_submission_changelist"), address(submission)):
        text = client.get(page).content.decode()
        for inline in (" style=", "<style", "<script>", " onclick=", "javascript:"):
            assert inline not in text, (page, inline)
