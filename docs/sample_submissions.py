"""Invented submissions for the pictures of the documents; `docs/screenshots.py` puts them into a thrown-away portal."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from catalogue.models import Cluster
from consortium.models import Partner, PartnerCountry
from submissions.models import PrivacyNotice, Submission
from submissions.services import drafts, state_machine, submit
from submissions.services.checks import run_checks
from webcheck.fetcher import Fetched, Outcome
from webcheck.mail_domains import Answer

TICKED = {"team": True, "members": True, "types": True, "english": True}


def make() -> None:
    """Fill the queue, as somebody who looks after Austria and Spain would find it."""
    coordinator = User.objects.get(username="coordinator")
    partner = Partner.objects.order_by("pk").first() or Partner.objects.create(short_name="Partner")
    partner.users.add(coordinator)
    for code in ("AT", "ES"):
        PartnerCountry.objects.get_or_create(partner=partner, code=code)
    _new(
        2, country="AT", name="Alpine Photonics Cluster", acronym="APC", website="https://www.photonics.example",
        summary="Gathers 120 firms and institutes of the Alps that build lasers and sensors, and helps them to export.",
        description="The cluster runs a shared laboratory, trade fairs twice a year and export missions. " * 3,
        verticals=["health", "photonics"], target_markets=["DE", "FR"], place="Innsbruck", founded=2009, members=120,
        members_qualifier="exact", email="office@photonics.example",
    )  # fmt: skip
    _new(
        0, country="ES", name="GAIA, Association of Knowledge and Technology of the Basque Country", acronym="GAIA",
        summary="Association of the knowledge and applied technologies industries.", place="Bilbao",
    )  # fmt: skip
    gaia = Cluster.objects.get(slug="gaia")
    row = _update(
        12, gaia, place="Bilbao", phone="+34 94 000000", members=310, members_qualifier="exact",
        verticals=["health", "telecommunications"],
        summary=f"{gaia.summary} It also runs a cybersecurity laboratory for its members.",
    )  # fmt: skip
    gaia.members, gaia.members_qualifier = 280, "exact"
    gaia.save()
    others = Cluster.objects.published().exclude(pk=gaia.pk).order_by("-country__code", "pk")
    for days, cluster in enumerate(others[:7]):
        _update(days, cluster, phone=f"+00 1 23456{days}")
    state_machine.assign(submissions=[row], to=coordinator, by=coordinator)


def _new(days: int, **values: Any) -> Submission:
    row, _link = drafts.start_draft(
        email="ada@photonics.example", values=values, submitter_name="Ada Example", submitter_role="Manager",
        criteria=TICKED, criteria_evidence="https://www.photonics.example/news", is_email_confirmed=True,
        sends_link=False,
    )  # fmt: skip
    return _sent(row, days)


def _update(days: int, cluster: Cluster, **values: Any) -> Submission:
    row, _link = drafts.start_draft(
        kind=Submission.Kind.UPDATE, target=cluster, email="bob@cluster.example", values=values,
        submitter_name="Bob Example", is_email_confirmed=True,
    )  # fmt: skip
    return _sent(row, days)


def _sent(row: Submission, days: int) -> Submission:
    notice = PrivacyNotice.current() or PrivacyNotice.objects.create(version="1", text="We publish the contact.")
    row = submit.send(submission=row, notice=notice)
    Submission.objects.filter(pk=row.pk).update(confirmed_at=timezone.now() - timedelta(days=days, minutes=5))
    run_checks(row.pk, get=_fetched, ask_domain=lambda address: Answer.YES)
    return row


def _fetched(url: str) -> Fetched:
    return Fetched(Outcome.OK, url, title="Home", language="en")
