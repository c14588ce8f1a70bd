"""The daily digest: one mail for each reviewer with something to do."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from catalogue.models import Submission, SubmissionPolicy
from catalogue.services.digest import send_digests
from catalogue.services.submissions import desk
from consortium.models import PartnerCountry
from outbox.models import Message
from tests.catalogue.review.conftest import person
from tests.factories.catalogue import CountryFactory
from tests.factories.consortium import PartnerFactory
from tests.factories.submissions import pending
from tests.mail import sent_mails

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


def test_each_reviewer_is_told_of_their_own_work():
    rita, otto = person("rita"), person("otto")
    person("vera", "read-only")
    for user, code in ((rita, "AT"), (otto, "FR")):
        PartnerCountry.objects.create(partner=PartnerFactory(users=[user]), code=code)
    waiting("Old one", 12)
    waiting("New one", 1)
    desk.assign(submissions=[waiting("Assigned", 2, "DE")], to=rita, by=otto)

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
    assert "/admin/catalogue/submission/" in mail.text
    for name in ("Old one", "Assigned", "New one"):
        row = Submission.objects.get(name=name)
        page = f"/admin/catalogue/submission/{row.pk}/change/"
        assert re.search(rf"- {name}, .*\n  https?://[^ ]+{page}\n", mail.text), "each leads to its page"
        assert re.search(rf'<a href="https?://[^"]+{page}"', mail.html)


def test_nobody_with_nothing_to_do_gets_one():
    person("rita")

    assert send_digests() == 0
    assert digests() == {}


def test_once_a_day_whatever_happens():
    person("rita")
    waiting("One")
    morning = datetime(2027, 5, 3, 7, 0, tzinfo=UTC)

    for hours in (0, 1, 20, 24):
        send_digests(morning + timedelta(hours=hours))

    keys = Message.objects.filter(kind="review_digest").order_by("key").values_list("key", flat=True)
    assert [key[-10:] for key in keys] == ["2027-05-03", "2027-05-04"]


def test_it_can_be_switched_off():
    person("rita")
    waiting("One")
    SubmissionPolicy.objects.create(pk=1, sends_digest=False)

    assert send_digests() == 0
    assert digests() == {}


def test_ten_are_named_and_the_rest_counted():
    person("rita")
    for number in range(13):
        waiting(f"Cluster {number:02}", 13 - number)

    send_digests()

    text = digests()["rita@partner.example"]
    assert text.count("\n- ") == 10
    assert "and 3 more" in text
    assert "13 submissions wait for you. 4 of them are late." in text


def test_who_left_or_has_no_address_is_passed_over():
    rita, otto, paula = person("rita"), person("otto"), person("paula")
    waiting("One")
    rita.is_active = False
    rita.save()
    otto.email = ""
    otto.save()

    assert send_digests() == 1
    assert set(digests()) == {paula.email}
