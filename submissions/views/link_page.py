"""What the page of a link about a submission or a profile shows besides what all pages of links do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import ClassVar

from django.http import HttpRequest, HttpResponseBase

from catalogue.models import Cluster
from publicforms.link_pages import LinkPage, ShowPageAgain
from publicforms.models import LinkToken
from submissions.exceptions import SubmissionsClosed
from submissions.models import PrivacyNotice
from submissions.views.overview import Section

Act = Callable[[HttpRequest, LinkToken], HttpResponseBase]


@dataclass(frozen=True)
class SubmissionLinkPage(LinkPage):
    """The page of a link about a submission or a profile.

    ``shows_first`` puts what it is about before the buttons: nobody shall confirm what they did not see.
    ``closed`` says that staff takes nothing at the moment, and holds what staff wrote about it.
    """

    template: ClassVar[str] = "submissions/link.html"

    cluster: Cluster | None = None
    sections: list[Section] = field(default_factory=list)
    notice: PrivacyNotice | None = None
    logo_url: str = ""
    shows_first: bool = False
    closed: SubmissionsClosed | None = None


def refuse_while_closed(page: Callable[[HttpRequest, LinkToken], LinkPage]) -> Callable[[Act], Act]:
    """Make an act show ``page`` once more, which has no button then, while staff takes nothing: nothing is spent."""

    def decorate(act: Act) -> Act:
        @wraps(act)
        def guarded(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
            try:
                return act(request, found)
            except SubmissionsClosed as error:
                raise ShowPageAgain(page(request, found), status=409) from error

        return guarded

    return decorate
