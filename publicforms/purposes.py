"""What signed links are for: every app registers its own purposes in ``AppConfig.ready()``.

No model is imported here: the logging of the settings reads :func:`paths` before the apps are loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponseBase

    from publicforms.link_pages import LinkPage
    from publicforms.models import LinkToken

    Page = Callable[[HttpRequest, LinkToken], LinkPage]
    Act = Callable[[HttpRequest, LinkToken], HttpResponseBase]
    Mark = Callable[[Any], str]

#: As long as the column that holds it.
MAX_NAME = 30


@dataclass(frozen=True)
class Purpose:
    """What a link is for, and all that the one view of links needs to know of it.

    ``subjects`` returns the rows that a link can be about, with what its pages read of them. ``lock`` locks the
    one with a key and returns it, ``None`` if it was deleted; the link itself is locked after it, so that is the
    place to keep to an order of locks.

    ``page`` returns what GET shows and changes nothing; ``act`` does what the button says, inside the transaction
    that spends the link. A purpose without both has a view of its own, named by ``url_name`` (its only argument
    is the token). ``paths`` are the beginnings of all addresses that hold a token of this purpose: what follows
    is masked in logs.

    ``renew`` sends a new link to the address of one that does not work any more, and answers; without it the
    page of such a link offers none. ``mark`` returns what identifies the subject on the page: if a link moved to
    another subject since, its page is shown once more instead of acting.
    """

    name: str
    label: str
    lasts: timedelta
    subjects: Callable[[], QuerySet[Any]]
    lock: Callable[[int], Model | None]
    is_single_use: bool
    page: Page | None = None
    act: Act | None = None
    url_name: str = "publicforms:link"
    paths: tuple[str, ...] = ("submit/link",)
    renew: Act | None = None
    mark: Mark | None = None
    failed_template: str = "publicforms/link_failed.html"

    def __post_init__(self) -> None:
        """Raise ValueError for a name that is too long, and for a page without act or the other way round."""
        if not 0 < len(self.name) <= MAX_NAME:
            raise ValueError(f"The name of a purpose has at most {MAX_NAME} characters: {self.name!r}.")
        if (self.page is None) != (self.act is None):
            raise ValueError(f"The purpose {self.name} needs both a page and an act, or none of them.")


class UnknownPurpose(LookupError):
    """No app registered a purpose of this name."""


_purposes: dict[str, Purpose] = {}


def register(*purposes: Purpose) -> None:
    """Make purposes known. Raises ValueError for a name that is registered already."""
    for purpose in purposes:
        if purpose.name in _purposes:
            raise ValueError(f"There are two purposes of links named {purpose.name}.")
        _purposes[purpose.name] = purpose


def unregister(name: str) -> None:
    """Take a purpose out again, for tests that add one. Raises KeyError if there is none."""
    del _purposes[name]


def get(name: str) -> Purpose:
    """Return the purpose of that name. Raises :class:`UnknownPurpose`."""
    try:
        return _purposes[name]
    except KeyError:
        raise UnknownPurpose(f"No app registered the purpose {name!r}.") from None


def find(name: str) -> Purpose | None:
    """Return the purpose of that name; ``None`` for one whose app is not installed any more."""
    return _purposes.get(name)


def all_purposes() -> list[Purpose]:
    """Return all purposes in the order in which they were registered."""
    return list(_purposes.values())


def paths() -> tuple[str, ...]:
    """Return the beginnings of all addresses that hold a token, such as ``submit/link``, without slashes around."""
    return tuple(sorted({path for purpose in _purposes.values() for path in purpose.paths}))
