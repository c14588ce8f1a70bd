"""Links that confirm show first what they confirm; whoever did not write it takes it back."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalogue.models import Cluster
from outbox.models import Message
from outbox.services.posting import FORGOTTEN
from publicforms import links as signed_links
from publicforms.models import LinkToken
from submissions.models import Submission
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import accept_all
from tests.submissions.visitor import FIRST, Visitor, update_path, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(db: None) -> Visitor:
    """Return a visitor."""
    return Visitor()


def logo() -> SimpleUploadedFile:
    """Return a picture."""
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(content, "PNG")
    return SimpleUploadedFile("a.png", content.getvalue())


def send_in_the_name_of_another(visitor: Visitor) -> Submission:
    """Begin, fill in and send a form in the name of an address; both mails wait in its mailbox."""
    visitor.begin(former_names="Old Name", website="https://www.photonics.example")
    visitor.client.post(visitor.form, {"summary": "Written by a stranger.", "benefits": "None.", "logo": logo()})
    visitor.client.post(visitor.step("members"), {"place": "Graz", "founded": "1999"})
    visitor.client.post(visitor.step("contact"), {"email": "eve@elsewhere.example", "phone": "+43 1 234"})
    sent = visitor.send(
        message="Please hurry.", criteria=["team", "english"], criteria_evidence="https://www.photonics.example/news"
    )
    assert sent.status_code == 302
    return Submission.objects.get()


#: Every text of the form above, in its order.
SENT = (
    "Austria", "Alpine Photonics Cluster", "Old Name", "https://www.photonics.example", "Written by a stranger.", "None.",
    "Graz", "1999", "eve@elsewhere.example", "+43 1 234", "ada@photonics.example", "Ada Example", "Manager",
    "half a full-time position", "web page in English", "https://www.photonics.example/news", "Please hurry.",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["submission_resume", "submission_confirm"])
def test_the_page_shows_all_that_was_sent_above_the_button_that_confirms_it(visitor: Visitor, kind: str) -> None:
    row = send_in_the_name_of_another(visitor)
    path = visitor.mailed(kind)
    page = visitor.page(path)

    before_the_button = words_of(page[: page.index('value="confirm"')])
    places = [before_the_button.find(text) for text in SENT]
    assert -1 not in places, [text for text, place in zip(SENT, places, strict=True) if place < 0]
    in_order = [before_the_button.index(text) for text in SENT[4:10]]
    assert in_order == sorted(in_order)
    words = words_of(page)
    assert "Yes, confirm and send it to the reviewers No, this was not me" in words
    assert "The privacy notice that was agreed to, version" in words
    picture = re.search(r'<img class="logo-small" src="([^"]+)"', page)
    assert picture
    shown = visitor.client.get(picture[1])
    assert (shown.status_code, shown["Content-Type"], shown["Cache-Control"]) == (200, "image/png", "no-store")
    row.refresh_from_db()
    assert row.status == "unconfirmed"

    answer = visitor.client.post(path, {"answer": "confirm"})

    assert "/submit/status/" in answer["Location"]
    row.refresh_from_db()
    assert row.status == "pending"


def test_going_on_with_a_draft_that_was_sent_meanwhile_confirms_nothing(visitor: Visitor) -> None:
    visitor.begin()
    path = visitor.mailed("submission_resume")
    assert "Go on" in visitor.page(path)  # the page in the owner's browser
    visitor.client.post(visitor.form, {"summary": "Written by a stranger."})
    visitor.send()

    answer = visitor.client.post(path)

    assert answer.status_code == 409
    assert "Written by a stranger." in answer.content.decode()
    assert 'value="confirm"' in answer.content.decode()
    assert (Submission.objects.get().status, LinkToken.objects.get(purpose="resume").used_at) == ("unconfirmed", None)
    assert visitor.client.post(path, {"answer": "confirm"}).status_code == 302
    assert Submission.objects.get().status == "pending"


@pytest.mark.parametrize(
    ("kind", "state"), [("submission_resume", "draft"), ("submission_resume", "sent"), ("submission_confirm", "sent")]
)
def test_this_was_not_me_deletes_everything_personal_at_once(visitor: Visitor, kind: str, state: str) -> None:
    if state == "sent":
        send_in_the_name_of_another(visitor)
    else:
        visitor.begin()
    answer = visitor.client.post(visitor.mailed(kind), {"answer": "deny"})

    assert "Taken back" in words_of(answer.content.decode())
    row = Submission.objects.get()
    assert (row.status, row.submitter_email, row.submitter_name, row.submitter_role, row.message) == (
        "withdrawn", "", "", "", "",
    )  # fmt: skip
    assert row.anonymised_at is not None
    assert not LinkToken.objects.exists()
    assert set(Message.objects.values_list("recipient", "body_text")) == {(FORGOTTEN, "")}
    # The form that the stranger has open is closed.
    assert visitor.client.post(visitor.form, {"summary": "Again."}).status_code == 404


def test_what_is_in_the_queue_or_decided_is_said_and_not_confirmed_again(visitor: Visitor) -> None:
    row = send_in_the_name_of_another(visitor)
    resume = visitor.mailed("submission_resume")
    status = visitor.confirm()
    for _ in range(2):
        page = visitor.page(resume)
        assert "was sent and confirmed already" in words_of(page)
        assert 'value="confirm"' not in page
        row.refresh_from_db()
        if row.status == "pending":
            accept_all(row)
    answer = visitor.client.post(resume, {"answer": "deny"})
    assert answer.status_code == 409
    assert "cannot become withdrawn any more" in answer.content.decode()
    assert visitor.client.post(resume)["Location"] == status


def test_a_correction_to_confirm_names_what_it_changes_and_a_hidden_cluster_is_not_named(visitor: Visitor) -> None:
    from submissions.services import drafts, submit
    from tests.factories.submissions import notice

    cluster = ClusterFactory(published=True, name="Alpine", place="Graz", phone="+43 1")
    row, _link = drafts.start_draft(
        kind="update", email="ada@photonics.example", target=cluster, values={"place": "Linz"}
    )
    submit.send(submission=row, notice=notice())
    path = visitor.mailed("submission_confirm")
    words = words_of(visitor.page(path))

    assert "this correction of the profile of Alpine" in words
    assert "Town Now : Graz You propose : Linz" in words
    assert "+43 1" not in words
    Cluster.objects.update(status="archived")
    page = visitor.page(path)
    assert cluster.get_absolute_url() not in page
    assert "Graz" not in page
    assert signed_links.read(path.split("/")[3]).used_at is None
    assert FIRST["submitter_email"] in page
    assert update_path(cluster.slug) not in page
