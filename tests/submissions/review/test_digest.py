"""The daily digest: one mail for each reviewer with something to do."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from consortium.models import Partner, PartnerCountry
from outbox.models import Message
from submissions.models import ClusterEditor, Submission, SubmissionPolicy
from submissions.services import state_machine
from submissions.services.digest import send_digests
from tests.factories.catalogue import CountryFactory
from tests.factories.consortium import PartnerFactory
from tests.factories.submissions import pending
from tests.mail import sent_mails
from tests.submissions.review.conftest import client_of, person

pytestmark = pytest.mark.django_db


def waiting(name: str, days: float = 0, country: str = "AT") -> Submission:
    """Return a new cluster that has waited for ``days``."""
    CountryFactory(code=country)
    row = pending(name=name, country=country)
    Submission.objects.filter(pk=row.pk).update(confirmed_at=timezone.now() - timedelta(days=days, minutes=1))
    return row


def digests() -> dict[str, str]:
    """Return the texts of all digests by recipient."""
    return {message.recipient: message.body_text for message in Message.objects.filter(kind="review_digest")}


def test_each_digest_lists_the_work_of_its_reviewer():
    rita, otto = person("rita"), person("otto")
    person("vera", "read-only")
    for user, code in ((rita, "AT"), (otto, "FR")):
        PartnerCountry.objects.create(partner=PartnerFactory(users=[user]), code=code)
    waiting("Old one", 12)
    waiting("New one", 1)
    state_machine.assign(submissions=[waiting("Assigned", 2, "DE")], to=rita, by=otto)

    assert send_digests() == 1

    assert set(digests()) == {"rita@partner.example"}
    mail = sent_mails(kind="review_digest")[0]
    assert mail.subject == "3 submissions wait for you: Cluster Portal"
    assert "3 submissions wait for you. 1 of them is late." in mail.text
    lines = [line for line in mail.text.splitlines() if line.startswith("- ")]
    assert [line.partition(":")[0] for line in lines] == [
        f"- Old one, {CountryFactory(code='AT').name}",
        f"- Assigned, {CountryFactory(code='DE').name}",
        f"- New one, {CountryFactory(code='AT').name}",
    ]
    assert lines[0].endswith(": new cluster, 12 days, late")
    assert "/admin/submissions/submission/" in mail.text
    for name in ("Old one", "Assigned", "New one"):
        row = Submission.objects.get(name=name)
        page = f"/admin/submissions/submission/{row.pk}/change/"
        assert re.search(rf"- {name}, .*\n  https?://[^ ]+{page}\n", mail.text), "each leads to its page"
        assert re.search(rf'<a href="https?://[^"]+{page}"', mail.html)


def test_a_reviewer_with_nothing_to_do_gets_no_digest():
    person("rita")

    assert send_digests() == 0
    assert digests() == {}


def test_a_digest_repeated_on_one_day_is_written_once():
    person("rita")
    waiting("One")
    morning = datetime(2027, 5, 3, 7, 0, tzinfo=UTC)

    for hours in (0, 1, 20, 24):
        send_digests(morning + timedelta(hours=hours))

    keys = Message.objects.filter(kind="review_digest").order_by("key").values_list("key", flat=True)
    assert [key[-10:] for key in keys] == ["2027-05-03", "2027-05-04"]


def test_no_digest_is_written_while_it_is_switched_off():
    person("rita")
    waiting("One")
    SubmissionPolicy.objects.create(pk=1, sends_digest=False)

    assert send_digests() == 0
    assert digests() == {}


def test_a_digest_names_ten_and_counts_the_rest():
    person("rita")
    for number in range(13):
        waiting(f"Cluster {number:02}", 13 - number)

    send_digests()

    text = digests()["rita@partner.example"]
    assert text.count("\n- ") == 10
    assert "and 3 more" in text
    assert "13 submissions wait for you. 4 of them are late." in text


def test_inactive_reviewers_and_those_without_address_get_no_digest():
    rita, otto, paula = person("rita"), person("otto"), person("paula")
    waiting("One")
    rita.is_active = False
    rita.save()
    otto.email = ""
    otto.save()

    assert send_digests() == 1
    assert set(digests()) == {paula.email}


@pytest.mark.parametrize("address", ["anna@straße.example", '"a b"@partner.example', "no address"])
def test_one_unusable_address_stops_nobody_else(address, caplog):
    anna, zora = person("anna"), person("zora")
    User.objects.filter(pk=anna.pk).update(email=address)
    waiting("One")
    morning = datetime(2027, 5, 3, 7, 0, tzinfo=UTC)

    assert [send_digests(morning + timedelta(hours=hours)) for hours in (0, 24)] == [1, 1]

    recipients = Message.objects.filter(kind="review_digest").values_list("recipient", flat=True)
    assert list(recipients) == [zora.email, zora.email]
    assert caplog.text.count(f"The digest of user {anna.pk} could not be written.") == 2
    assert address not in caplog.text


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("anna@straße.example", "Write the part after the @ in its ASCII form, which begins with xn--."),
        ('"ab"@partner.example', "The part before the @ may only have letters from a to z, digits and . + - _."),
        ("anna@xn--strae-oqa.example", ""),
        ("anna@münchen.example", ""),
        ("", ""),
    ],
)
def test_staff_enters_only_addresses_to_which_mail_can_go(address, message):
    boss, anna = client_of(User.objects.create_superuser("boss", "boss@partner.example", "x")), person("anna")
    url = reverse("admin:auth_user_change", args=[anna.pk])
    form = boss.get(url).context["adminform"].form
    given = {field.html_name: field.value() for field in form if field.value() not in (None, False)}

    answer = boss.post(url, {**given, "email": address})

    anna.refresh_from_db()
    if message:
        assert answer.context["adminform"].form.errors["email"] == [message]
        assert anna.email == "anna@partner.example"
    else:
        assert (answer.status_code, anna.email) == (302, address)


@pytest.mark.parametrize(("model", "name"), [(ClusterEditor, "email"), (Partner, "sender_email")])
def test_other_addresses_of_staff_are_checked_too(model, name):
    field = admin.site.get_model_admin(model).formfield_for_dbfield(model._meta.get_field(name), None)

    with pytest.raises(ValidationError, match="ASCII form"):
        field.clean("anna@straße.example")
    assert field.clean("anna@partner.example") == "anna@partner.example"
