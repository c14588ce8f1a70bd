"""A visitor of the public form: what a browser does, without one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from submissions.models import PrivacyNotice, Submission, SubmissionPolicy
from tests.factories.catalogue import CountryFactory
from tests.mail import link_in, sent_mails

FIRST = {
    "country": "AT", "name": "Alpine Photonics Cluster", "acronym": "", "former_names": "", "website": "",
    "submitter_email": "ada@photonics.example", "submitter_name": "Ada Example", "submitter_role": "Manager",
}  # fmt: skip


@dataclass
class Visitor:
    """Somebody with a browser of their own; the minimum time is switched off."""

    client: Client = field(default_factory=Client)
    form: str = ""  # the address of the draft's step "what"

    def __post_init__(self) -> None:
        """Make the form usable at once."""
        SubmissionPolicy.objects.get_or_create(pk=1, defaults={"minimum_seconds": 0})
        CountryFactory(code="AT", name="Austria")
        if PrivacyNotice.current() is None:  # tests that commit lose what migrations wrote
            PrivacyNotice.objects.create(version="1", text="What we store.")

    def page(self, path: str) -> str:
        """Return a page that must be there."""
        response = self.client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return response.content.decode()

    def post(self, path: str, values: dict[str, Any] | None = None, **options: Any) -> Any:
        """Send the form of a page as it is shown, with ``values`` over it."""
        page = self.page(path)
        return self.client.post(path, {**hidden_fields(page), **(values or {})}, **options)

    def begin(self, **values: Any) -> str:
        """Take the first step; return the address of the next."""
        response = self.post("/submit/", {**FIRST, **values})
        assert response.status_code == 302, words_of(response.content.decode())[:1500]
        self.form = response["Location"]
        return self.form

    def step(self, name: str) -> str:
        """Return the address of a step of the draft."""
        return re.sub(r"[a-z]+/$", f"{name}/", self.form)

    def send(self, **values: Any) -> Any:
        """Agree and send; return the answer."""
        return self.post(self.step("check"), {"go": "send", "consent": "on", **values})

    def submit(self, **values: Any) -> Submission:
        """Begin, fill in what is needed, send; return the submission."""
        self.begin(**values)
        saved = self.client.post(self.form, {"summary": "Gathers firms that build lasers."})
        assert saved.status_code == 302
        assert self.send().status_code == 302
        return Submission.objects.get(submitter_email=values.get("submitter_email", FIRST["submitter_email"]))

    def mailed(self, kind: str, to: str = "") -> str:
        """Return the path of the link in the latest mail of a kind."""
        return link_in(sent_mails(kind=kind, **({"to": to} if to else {}))[-1], "/submit/")

    def confirm(self) -> str:
        """Press the button of the confirmation; return the address of the status page."""
        response = self.client.post(self.mailed("submission_confirm"))
        assert response.status_code == 302
        return response["Location"]


def hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden fields of a page but the protection token."""
    inputs = re.findall(r'<input type="hidden"[^>]*>', page)
    found = {}
    for text in inputs:
        name, value = re.search(r'name="([^"]*)"', text), re.search(r'value="([^"]*)"', text)
        if name and name[1] != "csrfmiddlewaretoken":
            found[name[1]] = unescape(value[1]) if value else ""
    return found


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.skipped += tag in ("script", "style", "header", "footer", "title")

    def handle_endtag(self, tag: str) -> None:
        self.skipped -= tag in ("script", "style", "header", "footer", "title")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data)


def words_of(page: str) -> str:
    """Return the text of a page, with single spaces."""
    reader = _Words()
    reader.feed(page)
    return " ".join(" ".join(reader.found).split())


def update_path(slug: str) -> str:
    """Return the address that explains how a profile is corrected."""
    return reverse("submissions:cluster_update", args=[slug])
