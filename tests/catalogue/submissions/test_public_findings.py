"""What a hostile look at the public form found once."""

import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalogue.logs import masked
from catalogue.models import LinkToken, Submission
from catalogue.services.submissions import lifecycle, links, review
from catalogue.services.submissions.refusals import IllegalMove
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.submissions import VALUES, pending, reviewer
from tests.mail import sent_mails

pytestmark = pytest.mark.django_db


def test_the_first_step_repeated_does_not_lead_into_a_draft_that_its_owner_took_over() -> None:
    from uuid import uuid4

    CountryFactory(code="AT")
    reference = uuid4()
    row, _link = lifecycle.start_draft(email="victim@cluster.example", values=VALUES, reference=reference)
    lifecycle.take_over(submission=row)

    with pytest.raises(IllegalMove, match="mailbox"):
        lifecycle.start_draft(email="victim@cluster.example", values=VALUES, reference=reference)


def test_a_profile_that_is_not_public_is_not_shown_to_whoever_was_taken_for_it(client: Client) -> None:
    hidden = ClusterFactory(name="Hidden Cluster", place="Hiddentown", country=CountryFactory(code="AT"))
    row = pending(place="Graz")
    row = review.turn_into_update(submission=row, cluster=hidden, reviewer=reviewer(), seen=review.seen_now(row))
    review.request_changes(
        submission=row, reviewer=reviewer(), seen=review.seen_now(row), fields=["name", "place"], text="Are you sure?"
    )
    token = links.token_of(LinkToken.objects.get(purpose="status"))

    for path in (f"/submit/status/{token}/", f"/submit/status/{token}/change/"):
        page = client.get(path).content.decode()
        assert "Are you sure?" in page
        assert "Hidden" not in page
        assert "profile that exists" not in page


def test_no_word_of_the_sender_reaches_an_address_that_did_not_confirm() -> None:
    CountryFactory(code="AT")
    values = {**VALUES, "name": "Win https://evil.example now"}
    row, _link = lifecycle.start_draft(
        email="victim@cluster.example", values=values, submitter_name="Claim at https://evil.example"
    )
    lifecycle.send(submission=row, notice=pending().notice)

    mails = sent_mails(to="victim@cluster.example")
    assert {mail.kind for mail in mails} == {"submission_resume", "submission_confirm"}
    assert not [mail for mail in mails if b"evil" in mail.mail.as_bytes()]


@pytest.mark.parametrize(
    "line",
    [
        "GET /submit/link/ 0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/ 200",
        "GET /submit/link/%200FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/ 200",
        "Gone: /submit/status/\n0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/",
    ],
)
def test_a_token_behind_a_space_is_masked_too(line: str) -> None:
    assert "conL_jrg" not in masked(line)


def test_a_line_without_token_stays_as_it_is() -> None:
    line = "POST /submit/link/ 200 12 ms"
    assert masked(line) == line
    assert logging.getLogger("gunicorn.access")


def test_half_a_surrogate_pair_is_refused_by_the_api(client: Client) -> None:
    import io

    from rest_framework.exceptions import ParseError

    from catalogue.api.submissions import BoundedJSONParser

    def parsed(text: str) -> Any:
        return BoundedJSONParser().parse(io.BytesIO(text.encode()))

    assert parsed('{"kind": "new"}') == {"kind": "new"}
    with pytest.raises(ParseError):
        parsed('{"\\ud800": 1}')
    assert Submission.objects.count() == 0


def test_the_api_takes_an_id_or_slug_of_old_after_a_merge() -> None:
    from catalogue.api.proposals import _target

    kept = ClusterFactory(published=True)
    gone = ClusterFactory(published=True, successor=kept)
    type(gone).objects.filter(pk=gone.pk).update(status="archived")
    for named in (gone.slug, str(gone.public_id), kept.slug):
        errors: dict[str, list[str]] = {}
        assert _target({"cluster": named}, "update", errors) == kept
        assert errors == {}


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/catalogue/spreadsheetimport/add/", "/submit/"])
def test_a_large_upload_of_a_stranger_is_refused_before_it_is_read(client: Client, path: str) -> None:
    response = client.generic("POST", path, b"x" * 5_000_000, "multipart/form-data; boundary=x")
    assert response.status_code == 413


def test_staff_may_send_large_files(admin_client: Client) -> None:
    file = SimpleUploadedFile("rows.csv", b"name;country\n" + b"Cluster;DE\n" * 450_000)
    response = admin_client.post("/admin/catalogue/spreadsheetimport/add/", {"file": file})
    assert response.status_code != 413
