"""What a program can say about a submission before a person reads it. Each check is a function of what it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.map.outlines import outline_of
from catalogue.map.projection import project
from duplicates.finder import Match
from submissions.fields.definitions import CRITERIA, RECOGNISED
from submissions.fields.values import Value
from webcheck.fetcher import Fetched, Outcome
from webcheck.mail_domains import Answer

OK, WARNING, FAILED, UNKNOWN = "ok", "warning", "failed", "unknown"
#: Characters from which a text says enough to a visitor.
SUMMARY_FROM, DESCRIPTION_FROM = 60, 200
MEMBERS_FROM = 15
#: What :mod:`webcheck.fetcher` says of a name that nobody has: no fault of the network.
_NO_NAME = "Its name does not exist."
_ENGLISH = re.compile(r"\b(the|and|of|for|with|our|are|from|about|members|news|contact)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_PAN_EUROPEAN = "EU"
#: Map units that a place may lie beyond the box of its country's outline, which is drawn coarsely.
_MARGIN = 6.0


@dataclass(frozen=True)
class Check:
    """The result of one check. ``text`` is one sentence for the reviewer."""

    key: str
    label: str
    outcome: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"key": self.key, "label": self.label, "outcome": self.outcome, "text": self.text, **self.data}


def website(address: str, fetched: Fetched | None, *, is_closure: bool = False) -> Check:
    """Say whether the website answers; ``fetched`` is what came of fetching it, ``None`` if there is none."""
    label = "Website answers"
    if not address or fetched is None:
        return Check("website", label, UNKNOWN if is_closure else WARNING, "No website is given.")
    if fetched.outcome == Outcome.OK:
        title = f" Its title: “{fetched.title}”." if fetched.title else ""
        if is_closure:
            return Check("website", label, WARNING, f"It still answers: does the cluster really exist no more?{title}")
        return Check("website", label, OK, f"It answers.{title}")
    if is_closure and fetched.cannot_be_checked:
        return Check("website", label, UNKNOWN, f"It cannot be checked. {fetched.reason}".strip())
    if is_closure:
        return Check("website", label, OK, f"It does not answer any more. {fetched.reason}".strip())
    is_gone = fetched.outcome in (Outcome.HTTP_ERROR, Outcome.REFUSED) or fetched.reason == _NO_NAME
    return Check("website", label, FAILED if is_gone else UNKNOWN, fetched.reason or "It could not be reached.")


def english(fetched: Fetched | None) -> Check:
    """Say whether the page that was fetched is in English."""
    label = "Page in English"
    if fetched is None or fetched.outcome != Outcome.OK:
        return Check("english", label, UNKNOWN, "The page could not be read.")
    language = fetched.language.lower()
    if language.startswith("en"):
        return Check("english", label, OK, f"It says that its language is {fetched.language}.")
    share = _share_of_english(fetched.text)
    if share is None:
        return Check("english", label, UNKNOWN, "There is too little text on the page to tell.")
    if share >= 0.08:
        return Check("english", label, OK, "Its text reads like English.")
    finding = (
        f"It says that its language is {fetched.language}." if language else "Its text does not read like English."
    )
    return Check("english", label, WARNING, f"{finding} Is there a page in English?")


def _share_of_english(text: str) -> float | None:
    words = _WORD.findall(text)
    return len(_ENGLISH.findall(text)) / len(words) if len(words) >= 30 else None


def email_domain(address: str, answer: Answer | None) -> Check | None:
    """Say whether the domain of the public e-mail takes mail; ``None`` without an address."""
    if not address or answer is None:
        return None
    label, domain = "E-mail domain", address.rpartition("@")[2]
    if answer == Answer.YES:
        return Check("email", label, OK, f"{domain} takes mail.")
    if answer == Answer.NO:
        return Check("email", label, FAILED, f"{domain} takes no mail: look for a slip of the keyboard.")
    return Check("email", label, UNKNOWN, f"The name servers of {domain} did not answer.")


def place(values: Mapping[str, Value], known: Sequence[str], names: Mapping[str, str]) -> Check | None:
    """Say whether the country fits the place; ``None`` if neither place nor coordinates are given.

    ``known`` are the countries of clusters in a town of this name, ``names`` the names of countries by code.
    """
    label, country = "Country fits the place", str(values.get("country") or "")
    town = str(values.get("place") or "")
    latitude, longitude = values.get("latitude"), values.get("longitude")
    if country in ("", _PAN_EUROPEAN) or not (town or latitude):
        return None
    name = names.get(country, country)
    if isinstance(latitude, str) and isinstance(longitude, str) and (outline := outline_of(country)):
        x, y = project(float(latitude), float(longitude))
        box = outline.box
        if not (box.left - _MARGIN <= x <= box.right + _MARGIN and box.top - _MARGIN <= y <= box.bottom + _MARGIN):
            return Check("place", label, FAILED, f"The coordinates lie outside {name}.")
        return Check("place", label, OK, f"The coordinates lie in or near {name}.")
    if country in known:
        return Check("place", label, OK, f"Other clusters of {name} are in {town} too.")
    if known:
        others = ", ".join(sorted({names.get(code, code) for code in known}))
        return Check("place", label, WARNING, f"The only {town} that we know is in {others}, not in {name}.")
    return Check(
        "place", label, UNKNOWN, f"We know of no other cluster in {town}." if town else "The town is not given."
    )


def texts(values: Mapping[str, Value]) -> Check:
    """Say whether summary and description say enough to a visitor."""
    label = "Length of the texts"
    summary, description = (len(str(values.get(name) or "").strip()) for name in ("summary", "description"))
    if not summary:
        return Check("texts", label, FAILED, "There is no summary: without it the profile cannot be public.")
    short = [
        *([f"the summary has {summary} characters"] if summary < SUMMARY_FROM else []),
        *(["there is no description"] if not description else []),
        *([f"the description has {description} characters"] if 0 < description < DESCRIPTION_FROM else []),
    ]
    if short:
        finding = " and ".join(short)
        return Check("texts", label, WARNING, f"{finding[0].upper()}{finding[1:]}: a visitor learns little.")
    return Check("texts", label, OK, f"Summary {summary}, description {description:,} characters.")


def criteria(ticked: Mapping[str, Any], values: Mapping[str, Value], evidence: str, *, was_asked: bool) -> Check:
    """Say whether the published criteria are met, waived, or contradicted by the numbers given."""
    label = "Criteria"
    members = values.get("members")
    too_few = isinstance(members, int) and members < MEMBERS_FROM
    if ticked.get(RECOGNISED.key):
        return Check("criteria", label, OK, "Waived: it is officially recognised.")
    if not was_asked:
        if too_few:
            return Check("criteria", label, WARNING, f"It has {members} members, fewer than {MEMBERS_FROM}.")
        return Check("criteria", label, UNKNOWN, "They are asked for on the public form only.")
    if ticked.get("members") and too_few:
        return Check(
            "criteria", label, FAILED, f"“At least {MEMBERS_FROM} members” is ticked, but {members} are given."
        )
    missing = [criterion.label for criterion in CRITERIA if not ticked.get(criterion.key)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return Check("criteria", label, WARNING, f"{len(missing)} of {len(CRITERIA)} {verb} not ticked.")
    if not evidence:
        return Check("criteria", label, WARNING, "All are ticked, but no evidence is linked.")
    return Check("criteria", label, OK, "All are ticked, and evidence is linked.")


def duplicates(matches: Sequence[Match]) -> Check:
    """Say how many clusters this may be."""
    data = {
        "matches": [
            {"cluster": match.cluster_id, "score": match.score, "reasons": list(match.reasons)} for match in matches
        ]
    }
    if not matches:
        return Check("duplicates", "Duplicates", OK, "It looks like no cluster that we know.", data)
    count = "1 cluster" if len(matches) == 1 else f"{len(matches)} clusters"
    return Check("duplicates", "Duplicates", WARNING, f"It may be {count} that we have.", data)


def others(submissions: Sequence[int]) -> Check:
    """Say how many other submissions about the same cluster are open."""
    data = {"submissions": list(submissions)}
    if not submissions:
        return Check("others", "Other submissions", OK, "No other one about this cluster is open.", data)
    count = "1 other is open" if len(submissions) == 1 else f"{len(submissions)} others are open"
    return Check("others", "Other submissions", WARNING, f"{count} about what looks like this cluster.", data)
