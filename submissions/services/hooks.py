"""What apps above fill in for the public form, in their ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalogue.models import Cluster
from submissions.exceptions import AnswerNotPossible
from submissions.models import Submission


@dataclass(frozen=True)
class ConfirmedUnchanged:
    """What happens when somebody opened the form of a correction and says "nothing changed, it is still right".

    ``obstacle`` returns why a draft cannot confirm the profile it is about, empty if it can. ``confirm`` does it,
    deletes the draft and returns the cluster. It raises :class:`AnswerNotPossible`.
    """

    obstacle: Callable[[Submission], str]
    confirm: Callable[[Submission], Cluster]


_filled: list[ConfirmedUnchanged] = []


def register_confirmed_unchanged(hook: ConfirmedUnchanged) -> None:
    """Fill the hook. Raises ValueError if it is filled already."""
    if _filled:
        raise ValueError("The hook for unchanged profiles is filled already.")
    _filled.append(hook)


def can_confirm_unchanged(draft: Submission) -> bool:
    """Return whether ``draft`` can confirm its profile as it is; never where no app confirms profiles."""
    return any(not hook.obstacle(draft) for hook in _filled)


def confirm_unchanged(draft: Submission) -> Cluster:
    """Confirm the profile that ``draft`` is about and delete the draft. Raises :class:`AnswerNotPossible`."""
    if not _filled:
        raise AnswerNotPossible("This form cannot confirm a profile.")
    return _filled[0].confirm(draft)
