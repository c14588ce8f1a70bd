"""What apps above fill in for the public form, in their ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalogue.models import Cluster, Submission


@dataclass(frozen=True)
class ConfirmedUnchanged:
    """What happens when somebody opened the form of a correction and says "nothing changed, it is still right".

    ``obstacle`` returns why a draft cannot confirm the profile it is about, empty if it can. ``confirm`` does it
    and deletes the draft. It raises :class:`~catalogue.services.submissions.refusals.AnswerNotPossible`.
    """

    obstacle: Callable[[Submission], str]
    confirm: Callable[[Submission], Cluster]


_confirmed_unchanged: list[ConfirmedUnchanged] = []


def register_confirmed_unchanged(hook: ConfirmedUnchanged) -> None:
    """Fill the hook. Raises ValueError if it is filled already."""
    if _confirmed_unchanged:
        raise ValueError("The hook for an unchanged profile is filled already.")
    _confirmed_unchanged.append(hook)


def confirmed_unchanged() -> ConfirmedUnchanged | None:
    """Return what was registered; ``None`` where no app confirms profiles, so that the form does not offer it."""
    return _confirmed_unchanged[0] if _confirmed_unchanged else None
