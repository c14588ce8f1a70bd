"""What the page of a link shows; the apps whose purposes these are fill it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django import forms


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
    An app that shows more makes a subclass with a ``template`` that extends this one's.
    """

    template: ClassVar[str] = "publicforms/link.html"

    title: str
    lead: str
    buttons: tuple[Button, ...]
    note: str = ""
    form: forms.Form | None = None
    others: tuple[tuple[str, str], ...] = ()


class ShowPageAgain(Exception):
    """What came with the button cannot be taken: nothing is spent, and ``page`` is shown once more."""

    def __init__(self, page: LinkPage, *, status: int = 422) -> None:
        """Keep the page, and the status that it is answered with."""
        self.page = page
        self.status = status
        super().__init__()
