"""What the page of a link shows; the kinds of links fill it in."""

from __future__ import annotations

from dataclasses import dataclass, field

from django import forms

from catalogue.models import Cluster, PrivacyNotice
from catalogue.services.submissions.refusals import SubmissionsClosed
from catalogue.views.submit.overview import Section


@dataclass(frozen=True)
class Button:
    """A button of a link's page; ``answer`` is what POST says by it."""

    label: str
    answer: str = ""
    is_primary: bool = True


@dataclass(frozen=True)
class LinkPage:
    """What the page of a link shows before anything happens.

    ``form`` is asked for beside the button; ``others`` are label and address of what else the link can do.
    ``shows_first`` puts what it is about before the buttons: nobody shall confirm what they did not see.
    ``closed`` says that staff takes nothing at the moment, and holds what staff wrote about it.
    """

    title: str
    lead: str
    buttons: tuple[Button, ...]
    note: str = ""
    cluster: Cluster | None = None
    sections: list[Section] = field(default_factory=list)
    form: forms.Form | None = None
    others: tuple[tuple[str, str], ...] = ()
    notice: PrivacyNotice | None = None
    logo_url: str = ""
    shows_first: bool = False
    closed: SubmissionsClosed | None = None


class AskAgain(Exception):
    """What came with the button cannot be taken: nothing is spent, and ``page`` is shown once more."""

    def __init__(self, page: LinkPage, *, status: int = 422) -> None:
        """Keep the page, and the status that it is answered with."""
        self.page = page
        self.status = status
        super().__init__()
