import re

import pytest

from catalogue import rates
from catalogue.models import *
from tests.factories.catalogue import CountryFactory
from tests.mail import link_in, sent_mails

pytestmark = pytest.mark.django_db


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def test_smoke(client, monkeypatch):
    rates.forget_all()
    CountryFactory(code="AT", name="Austria")
    SubmissionPolicy.objects.create(pk=1, minimum_seconds=0)
    page = client.get("/submit/").content.decode()
    r = client.post(
        "/submit/",
        {
            "stamp": hidden(page, "stamp"),
            "country": "AT",
            "name": "Alpine Photonics",
            "acronym": "",
            "former_names": "",
            "website": "",
            "submitter_email": "ada@photonics.example",
        },
    )
    assert r.status_code == 302, r.content.decode()
    url = r["Location"]
    r = client.get(url)
    assert r.status_code == 200
    r = client.post(url, {"summary": "Gathers lasers"})
    assert r.status_code == 302, r.content.decode()
    r = client.get(r["Location"])
    assert r.status_code == 200
    check = url.replace("/what/", "/check/")
    r = client.get(check)
    assert r.status_code == 200
    page = r.content.decode()
    r = client.post(check, {"go": "send", "consent": "on", "notice": hidden(page, "notice"), "message": "hi"})
    assert r.status_code == 302, r.content.decode()
    r = client.get(r["Location"])
    assert r.status_code == 200
    mail = sent_mails(kind="submission_confirm")[0]
    link = link_in(mail, "/submit/link/")
    assert client.get(link).status_code == 200
    r = client.post(link)
    assert r.status_code == 302
    r = client.get(r["Location"])
    assert r.status_code == 200
    assert Submission.objects.get().status == "pending"
