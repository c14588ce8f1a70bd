"""Staff's pages about the public form: settings, help texts, privacy notices, tokens of partner sites."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from submissions.fields.definitions import BY_NAME, FIELDS, Step
from submissions.models import FieldHelp, PartnerToken, PrivacyNotice, SubmissionPolicy
from submissions.services import partners
from tests.factories.consortium import EDITORS, READERS, ROLES, PartnerFactory, sign_in
from tests.factories.submissions import pending
from tests.staff import admin_address

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", ["privacynotice", "partnertoken"])
def test_each_role_sees_and_adds_what_it_may(model: str, role: str) -> None:
    client = sign_in(role)
    for page, allowed in (("changelist", READERS), ("add", EDITORS)):
        status = client.get(admin_address(model, page)).status_code
        assert status == (302 if role == "anonymous" else 200 if role in allowed else 403), page


def test_a_token_is_shown_once() -> None:
    partner, client = PartnerFactory(), sign_in("coordinator")
    response = client.post(reverse("admin:submissions_partnertoken_add"), {"partner": partner.pk, "label": "Its site"})

    page = response.content.decode()
    row = PartnerToken.objects.get()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    text = page.split('id="token"')[1].split('value="')[1].split('"')[0]
    assert partners.token_behind(text) == row
    for path in (
        reverse("admin:submissions_partnertoken_changelist"),
        reverse("admin:submissions_partnertoken_change", args=[row.pk]),
    ):
        again = client.get(path).content.decode()
        assert text not in again
        assert row.digest not in again
        assert row.hint in again


def test_a_token_is_switched_off_and_never_deleted() -> None:
    row, text = partners.issue_token(partner=PartnerFactory(), label="Its site")
    client = sign_in("superuser")
    path = reverse("admin:submissions_partnertoken_change", args=[row.pk])
    assert client.post(path, {"label": "Renamed", "partner": "999", "digest": "x"}).status_code == 302
    row.refresh_from_db()

    assert (row.label, row.is_active) == ("Renamed", False)
    assert partners.token_behind(text) is None
    assert client.get(reverse("admin:submissions_partnertoken_delete", args=[row.pk])).status_code == 403


def test_the_same_label_twice_is_refused_with_a_message() -> None:
    row, _text = partners.issue_token(partner=PartnerFactory(), label="Its site")
    response = sign_in("superuser").post(
        reverse("admin:submissions_partnertoken_add"), {"partner": row.partner_id, "label": "Its site"}
    )
    assert "This partner has a token of that label already." in response.content.decode()
    assert PartnerToken.objects.count() == 1


def test_a_notice_in_force_is_never_changed() -> None:
    client = sign_in("superuser")
    now, later = PrivacyNotice.current(), PrivacyNotice.objects.create(
        version="later", text="Soon.", in_force_from=timezone.now() + timedelta(days=1)
    )  # fmt: skip
    assert now is not None
    for row, status in ((now, 403), (later, 302)):
        path = reverse("admin:submissions_privacynotice_change", args=[row.pk])
        sent = {"version": row.version, "text": "Other.", "in_force_from_0": "2030-01-01", "in_force_from_1": "00:00"}
        assert client.post(path, sent).status_code == status
    now.refresh_from_db()
    assert "What we store" in now.text
    assert client.get(reverse("admin:submissions_privacynotice_delete", args=[now.pk])).status_code == 403


def test_the_notice_of_the_first_start_is_true_and_in_force() -> None:
    notice = PrivacyNotice.current()
    assert notice is not None
    assert "deleted after 14 days" in notice.text
    assert f"{SubmissionPolicy.current().keep_rejected_days} days unless they change it" in notice.text
    pending()
    assert (
        "What we store"
        in sign_in("superuser")
        .get(reverse("admin:submissions_privacynotice_change", args=[notice.pk]))
        .content.decode()
    )


def test_all_help_texts_are_listed_with_their_defaults() -> None:
    FieldHelp.objects.create(field="acronym", help="Its short name.")
    client = sign_in("catalogue editor")

    page = client.get(reverse("admin:submissions_fieldhelp_changelist"))

    lines = {line.spec.name: line for _step, lines in page.context["steps"] for line in lines}
    assert set(lines) == {spec.name for spec in FIELDS if spec.step != Step.OFFICE}
    assert [step for step, _lines in page.context["steps"]] == [
        "Who you are", "What it does", "Members and reach", "Contact"
    ]  # fmt: skip
    assert (lines["acronym"].help, lines["acronym"].example) == ("Its short name.", "APC")
    assert lines["summary"].help.startswith("Two or three sentences for lists")
    assert all(line.url for line in lines.values())
    text = page.content.decode()
    assert text.count(">yours</span>") == 1
    assert text.count(">default</span>") == len(lines) - 1
    assert "Two or three sentences for lists" in text
    begun = client.get(lines["summary"].url).content.decode()
    assert "Two or three sentences for lists" in begun.split("<textarea")[1].split("</textarea>")[0]
    assert '<input type="hidden" name="field" value="summary"' in begun
    assert "As it is in the form" in begun
    assert reverse("admin:submissions_fieldhelp_add") not in client.get(reverse("admin:index")).content.decode()
    reader = sign_in("read-only").get(reverse("admin:submissions_fieldhelp_changelist"))
    assert [line.spec.name for _s, lines in reader.context["steps"] for line in lines if line.url] == ["acronym"]


def test_help_texts_name_fields_of_the_form_only() -> None:
    client = sign_in("catalogue editor")
    add = reverse("admin:submissions_fieldhelp_add")
    page = client.get(add).content.decode()
    assert '<option value="summary">Summary</option>' in page
    assert "latitude" not in page
    assert client.post(add, {"field": "latitude", "help": "x"}).status_code == 200
    spec = BY_NAME["summary"]
    same = client.post(add, {"field": "summary", "help": spec.help, "example": spec.example})
    assert "This is the default: change one of the texts" in same.content.decode()
    assert not FieldHelp.objects.exists()
    assert client.post(add, {"field": "summary", "help": "One sentence."}).status_code == 302
    row = FieldHelp.objects.get()
    empty = client.post(reverse("admin:submissions_fieldhelp_change", args=[row.pk]), {"help": "", "example": ""})
    assert "Write a help text or an example, or go back to the default." in empty.content.decode()
    change = client.get(reverse("admin:submissions_fieldhelp_change", args=[row.pk])).content.decode()
    assert "The default: Two or three sentences" in change, "the text that it stands for"
    assert Client().get("/submit/").status_code == 200


def test_resetting_a_help_text_shows_the_default_again() -> None:
    row = FieldHelp.objects.create(field="summary", help="One sentence.")
    back = reverse("admin:submissions_fieldhelp_default", args=[row.pk])
    assert sign_in("read-only").post(back).status_code == 403
    client = sign_in("catalogue editor")
    assert client.get(back).status_code == 405
    assert back in client.get(reverse("admin:submissions_fieldhelp_change", args=[row.pk])).content.decode()

    page = client.post(back, follow=True).content.decode()

    assert "Summary: the default is shown again." in page
    assert not FieldHelp.objects.exists()
    last = FieldHelp.history.first()
    assert (last.help, last.history_change_reason, last.history_user.username) == (
        "One sentence.", "Back to the default", "catalogue editor",
    )  # fmt: skip


def test_the_settings_lead_to_the_only_row() -> None:
    client = sign_in("coordinator")
    page = client.get(reverse("admin:submissions_submissionpolicy_changelist"), follow=True)
    (address, _status) = page.redirect_chain[-1]
    client.post(address, {"is_open": "on", "minimum_seconds": "5", "keep_rejected_days": "90", "review_days": "7"})
    row = SubmissionPolicy.objects.get()
    assert (row.pk, row.minimum_seconds, row.needs_challenge) == (1, 5, False)
    assert client.get(reverse("admin:submissions_submissionpolicy_changelist"))["Location"] == address


def test_the_time_of_a_notice_has_labels_and_the_clock_of_24_hours() -> None:
    client = sign_in("superuser")
    page = client.get(reverse("admin:submissions_privacynotice_add")).content.decode()
    for name, words in (("in_force_from_0", "Date:"), ("in_force_from_1", "Time:")):
        assert f'<label for="id_{name}">{words}</label>' in page
    PrivacyNotice.objects.create(version="noon", text="x", in_force_from=timezone.now().replace(hour=15, minute=39))
    listed = client.get(reverse("admin:submissions_privacynotice_changelist")).content.decode()
    assert "p.m." not in listed
    assert re.search(r"\d{4}, 1[4-7]:39", listed)
