"""What a hostile look at the public form found once."""

import logging
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from outbox.models import Message
from publicforms import links as signed_links
from publicforms.honeypot import TRAP
from publicforms.log_masking import masked
from publicforms.models import LinkToken
from submissions.exceptions import IllegalMove
from submissions.models import Submission, SubmissionPolicy
from submissions.services import drafts, review, submit
from submissions.services.change_kind import turn_into_update
from submissions.services.request_changes import request_changes
from submissions.services.sender_trust import trust_of
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import VALUES, pending, reviewer
from tests.mail import links_in, sent_mails
from tests.submissions.visitor import FIRST, Visitor, hidden_fields

pytestmark = pytest.mark.django_db


def test_the_first_step_repeated_does_not_lead_into_a_draft_that_its_owner_took_over() -> None:
    from uuid import uuid4

    CountryFactory(code="AT")
    reference = uuid4()
    row, _link = drafts.start_draft(email="victim@cluster.example", values=VALUES, reference=reference)
    drafts.take_over(submission=row)

    with pytest.raises(IllegalMove, match="mailbox"):
        drafts.start_draft(email="victim@cluster.example", values=VALUES, reference=reference)


def test_a_profile_that_is_not_public_is_not_shown_to_whoever_was_taken_for_it(client: Client) -> None:
    hidden = ClusterFactory(name="Hidden Cluster", place="Hiddentown", country=CountryFactory(code="AT"))
    row = pending(place="Graz")
    row = turn_into_update(submission=row, cluster=hidden, reviewer=reviewer(), snapshot=review.current_snapshot(row))
    request_changes(
        submission=row,
        reviewer=reviewer(),
        snapshot=review.current_snapshot(row),
        fields=["name", "place"],
        text="Are you sure?",
    )
    token = signed_links.token_of(LinkToken.objects.get(purpose="status"))

    for path in (f"/submit/status/{token}/", f"/submit/status/{token}/change/"):
        page = client.get(path).content.decode()
        assert "Are you sure?" in page
        assert "Hidden" not in page
        assert "profile that exists" not in page


def test_no_word_of_the_sender_reaches_an_address_that_did_not_confirm() -> None:
    CountryFactory(code="AT")
    values = {**VALUES, "name": "Win https://evil.example now"}
    row, _link = drafts.start_draft(
        email="victim@cluster.example", values=values, submitter_name="Claim at https://evil.example"
    )
    submit.send(submission=row, notice=pending().notice)

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

    from submissions.api.views import BoundedJSONParser

    def parsed(text: str) -> Any:
        return BoundedJSONParser().parse(io.BytesIO(text.encode()))

    assert parsed('{"kind": "new"}') == {"kind": "new"}
    with pytest.raises(ParseError):
        parsed('{"\\ud800": 1}')
    assert Submission.objects.count() == 0


def test_the_api_takes_an_id_or_slug_of_old_after_a_merge() -> None:
    from submissions.api.serializers import _target

    target = ClusterFactory(published=True)
    source = ClusterFactory(published=True, successor=target)
    type(source).objects.filter(pk=source.pk).update(status="archived")
    for named in (source.slug, str(source.public_id), target.slug):
        errors: dict[str, list[str]] = {}
        assert _target({"cluster": named}, "update", errors) == target
        assert errors == {}


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/imports/spreadsheetimport/add/", "/submit/"])
def test_a_large_upload_of_a_stranger_is_refused_before_it_is_read(client: Client, path: str) -> None:
    response = client.generic("POST", path, b"x" * 5_000_000, "multipart/form-data; boundary=x")
    assert response.status_code == 413


def test_staff_may_send_large_files(admin_client: Client) -> None:
    file = SimpleUploadedFile("rows.csv", b"name;country\n" + b"Cluster;DE\n" * 450_000)
    response = admin_client.post("/admin/imports/spreadsheetimport/add/", {"file": file})
    assert response.status_code != 413


@pytest.mark.parametrize(
    "line",
    [
        "GET /submit//link/0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/ 404",
        "GET /submit/link//0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg/ 404",
        "GET //submit/status/0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg 404",
        "GET /submit/link%2F0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg 404",
        "GET /submit%2Flink%2f0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg 404",
        "GET /submit/link/%2F0FWv1LTbTdKZ-l_Gw-o_nQ.conL_jrg 404",
    ],
)
def test_a_token_in_a_broken_path_is_masked_too(line: str) -> None:
    assert "conL_jrg" not in masked(line)
    assert masked(line).endswith((" 404", "*** 404", "***/ 404"))


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_the_name_that_a_request_gives_never_reaches_a_mail(host: str) -> None:
    visitor = Visitor()
    ClusterFactory(published=True, slug="alpine")
    headers = {"HTTP_HOST": host, "HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_SERVER": "evil.example"}
    stamp = hidden_fields(visitor.page("/submit/"))
    for path in ("/submit/", "/clusters/alpine/update/", "/submit/link/"):
        answer = visitor.client.post(path, {**stamp, **FIRST}, **headers)
        assert answer.status_code == (400 if host == "evil.example" else 302 if path == "/submit/" else 200)
        assert "evil" not in answer.headers.get("Location", "")
    for mail in sent_mails():
        assert links_in(mail)
        assert all(link.startswith(f"{settings.SITE_URL}/") for link in links_in(mail))
    assert len(sent_mails()) == (0 if host == "evil.example" else 3)


def test_a_cluster_that_is_not_public_and_one_that_never_was_answer_alike(client: Client) -> None:
    ClusterFactory(slug="alpine-one", name="Hidden")
    ClusterFactory(slug="alpine-two", name="Archived", status="archived")
    stamp = hidden_fields(Visitor().page("/submit/"))
    for is_open in (True, False):
        SubmissionPolicy.objects.update(is_open=is_open)
        answers = set()
        for slug in ("alpine-one", "alpine-two", "alpine-no"):
            path = f"/clusters/{slug}/update/"
            for answer in (client.get(path), client.post(path, {**stamp, "submitter_email": "ada@photonics.example"})):
                answers.add((answer.status_code, answer.content.decode().replace(slug, "x")))
        assert {status for status, _page in answers} == {404}
        assert len(answers) == 1
    assert sent_mails() == []


def test_a_name_that_invites_somewhere_is_not_mailed_to_an_address_that_did_not_confirm() -> None:
    visitor = Visitor()
    for name in (
        "Win at evil.example now",
        "https://evil.example",
        "Call +43 90012345",
        "x" * 90,
        "Mail eve@evil.example",
    ):
        drafts.start_draft(email="victim@cluster.example", values={**VALUES, "name": name})
    drafts.start_draft(email="victim@cluster.example", values={**VALUES, "name": "Cluster für Optik & Co. (Graz)"})
    visitor.post("/submit/link/", {"submitter_email": "victim@cluster.example"})
    (mail,) = sent_mails(kind="submission_links")
    text = mail.text
    assert text.count("A cluster (not sent yet)") == 5
    assert "Cluster für Optik & Co. (Graz) (not sent yet)" in text
    assert not [word for word in ("evil", "90012345", "xxx") if word in text]


def test_the_first_step_sent_again_stores_the_corrected_values() -> None:
    visitor = Visitor()
    fields = hidden_fields(visitor.page("/submit/"))
    first = visitor.client.post("/submit/", {**fields, **FIRST, "name": "Alpine Fotonics"})
    visitor.client.post(first["Location"], {"summary": "Kept."})
    again = visitor.client.post(
        "/submit/", {**fields, **FIRST, "name": "Alpine Photonics", "submitter_role": "Director"}
    )

    assert again["Location"] == first["Location"]
    row = Submission.objects.get()
    assert (row.name, row.payload["name"], row.submitter_role) == ("Alpine Photonics", "Alpine Photonics", "Director")
    assert row.payload["summary"] == "Kept."


def test_no_browser_fills_in_the_trap_by_itself() -> None:
    """What Chromium takes for a company, a name, an address, a phone or an e-mail, by the names of fields."""
    known = (
        r"company|business|organi[sz]ation|firma|name|address|street|city|town|zip|post|phone|tel|mail|country|state"
    )
    assert not re.search(known, TRAP)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" ADA@Photonics.EXAMPLE ", "ada@photonics.example"),
        ("ada+portal@photonics.example", "ada+portal@photonics.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@раypal.example", "ada@xn--ypal-43d9g.example"),  # Cyrillic: shown as what it is
        ("Ada <ada@photonics.example>", None),
        ("ada@photonics.example\nBcc: eve@elsewhere.example", None),
        ("ada@photonics.example, eve@elsewhere.example", None),
        (f"{'a' * 300}@photonics.example", None),
        (f"ada@{'a' * 310}.example", None),
        ("аda@photonics.example", None),  # Cyrillic before the @
        ("ada@straße.example", None),  # older rules lead to another domain
    ],
)
def test_addresses_as_they_are_stored_or_refused(typed: str, stored: str | None) -> None:
    visitor = Visitor()
    answer = visitor.post("/submit/", {**FIRST, "submitter_email": typed})
    assert answer.status_code == (302 if stored else 422)
    assert [row.submitter_email for row in Submission.objects.all()] == ([stored] if stored else [])
    assert [mail.to for mail in sent_mails()] == ([stored] if stored else [])


@pytest.mark.parametrize(
    ("website", "public", "email", "trust"),
    [
        ("https://www.bücher.example/", "", "ada@xn--bcher-kva.example", "domain"),
        ("https://photonics.example", "office@bücher.example", "office@xn--bcher-kva.example", "public"),
        ("https://www.tiscali.it/alpine", "", "anybody at tiscali.it", "unknown"),
        ("https://alpine.jimdofree.com", "", "eve at jimdofree.com", "unknown"),
        ("https://alpine.wordpress.com", "", "eve at alpine.wordpress.com", "unknown"),
        ("https://alpine.blogspot.de", "", "eve at alpine.blogspot.de", "unknown"),
        ("https://alpine.example", "", "eve at tin.it", "unknown"),
        ("https://www.tin.it/alpine", "", "eve at tin.it", "unknown"),
        ("https://photonics.co.uk", "", "eve at co.uk", "unknown"),
        ("https://photonics.asso.fr", "", "eve at asso.fr", "unknown"),
        ("https://photonics.asso.fr", "", "ada at photonics.asso.fr", "domain"),
        ("https://www.photonics.co.uk", "", "ada at team.photonics.co.uk", "domain"),
        ("https://photonics.example", "", "eve@photonics.example.evil.example", "unknown"),
        ("https://photonics.example", "", "eve@xn--photonics-example.example", "unknown"),
    ],
)
def test_trust_depends_on_the_address_and_the_website(website: str, public: str, email: str, trust: str) -> None:
    address = email.replace(" at ", "@")  # of real domains: no address of one stands in our files
    assert trust_of(address, ClusterFactory(website=website, email=public)) == trust


def test_pages_that_refuse_leave_no_trace_either() -> None:
    visitor = Visitor()
    visitor.begin()
    SubmissionPolicy.objects.update(is_open=False)
    closed = visitor.client.post(visitor.form, {"summary": "x"})
    for answer in (closed, visitor.client.get(visitor.mailed("submission_resume"))):
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "strict-origin")
        assert {"Cookie", "HX-Request"} <= {name.strip() for name in answer["Vary"].split(",")}


def test_the_workplace_and_its_search_hold_no_token() -> None:
    visitor = Visitor()
    visitor.submit()
    token = visitor.mailed("submission_confirm").split("/")[3]
    staff = sign_in("superuser")
    message = Message.objects.get(kind="submission_confirm")
    for path in (
        "/admin/outbox/message/", f"/admin/outbox/message/?q={token}", f"/admin/outbox/message/{message.pk}/change/",
        f"/admin/submissions/submission/{Submission.objects.get().pk}/change/", "/admin/submissions/submission/",
    ):  # fmt: skip
        page = staff.get(path, follow=True).content.decode()
        # A page repeats the words that were looked for, and nothing else.
        repeated = page.count(f"q={token}") + page.count(f"“{token}”")
        assert page.replace(f'value="{token}"', "").count(token.partition(".")[0]) <= repeated, path
