"""``python -m bench.decision_path``: the modules through which the approval of a submission passes.

It approves a new cluster, an update and a closure in a database of its own, which is deleted again, and follows every
call between modules of ours. Printed are the modules in the order in which they are entered, and the calls that go
up: to a module above the caller by the layers of ``pyproject.toml``, and back into a module that is not left yet.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
APP = "submissions"
Layers = list[tuple[str, ...]]


@dataclass
class Calls:
    """The calls between modules of ``packages``."""

    packages: frozenset[str]
    entered: Counter[str] = field(default_factory=Counter)
    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: Those into a module that is not left yet.
    back: Counter[tuple[str, str]] = field(default_factory=Counter)
    _stack: list[str] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict)

    def follow(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Note one event of :func:`sys.setprofile`."""
        name = self._module(frame) if event in ("call", "return") else ""
        if not name:
            return
        if event == "return":
            if self._stack:
                self._stack.pop()
            return
        caller = self._stack[-1] if self._stack else ""
        if caller != name:
            self.entered[name] += 1
            if caller:
                self.made[caller, name] += 1
                self.back[caller, name] += name in self._stack
        self._stack.append(name)

    def _module(self, frame: FrameType) -> str:
        """Return the module of ours that ``frame`` runs in; empty for others."""
        file = frame.f_code.co_filename
        if file not in self._names:
            path = Path(file)
            is_ours = path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in self.packages
            parts = path.relative_to(ROOT).with_suffix("").parts if is_ours else ()
            self._names[file] = ".".join(parts).removesuffix(".__init__")
        return self._names[file]


def layers() -> Layers:
    """Return prefixes of modules by layer, the highest first: the apps, and in place of ours its parts."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contracts = {
        tuple(contract.get("containers", ())): contract["layers"]
        for contract in linter["contracts"]
        if contract["type"] == "layers"
    }
    return _expanded((), contracts)


def _expanded(container: tuple[str, ...], contracts: dict[tuple[str, ...], list[str]]) -> Layers:
    """Return the layers of ``container``, in which a part with layers of its own is replaced by these."""
    found: Layers = []
    for layer in contracts[container]:
        names = [name.strip("() ") for name in layer.replace(":", "|").split("|")]
        paths = [".".join((*container, name)) for name in names]
        for path in paths:
            if (path,) in contracts:
                found += _expanded((path,), contracts)
        found.append(tuple(paths))
    return found


def rank(module: str, order: Layers) -> int:
    """Return the layer of ``module``, from 0 at the top; the longest prefix counts. Raises LookupError."""
    found = [
        (len(name), number)
        for number, names in enumerate(order)
        for name in names
        if name == module or module.startswith(f"{name}.")
    ]
    if not found:
        raise LookupError(f"{module} is in no layer of pyproject.toml.")
    return max(found)[1]


def approve(make: Callable[[], Any], calls: Calls) -> None:
    """Approve the submission that ``make`` returns, with a mail to its submitter, and take everything back."""
    from django.db import transaction

    from submissions.fields.choices import Choices
    from submissions.services.review import decide
    from tests.factories.submissions import accepting

    for is_followed in (False, True):  # the first one fills the caches and imports what is imported late
        with transaction.atomic():
            row, choices = make(), Choices.load()
            decision = accepting(row)
            if is_followed:
                sys.setprofile(calls.follow)
            try:
                decide(row, decision, choices=choices)
            finally:
                sys.setprofile(None)
            transaction.set_rollback(True)


def cases() -> dict[str, Callable[[], Any]]:
    """Return a function for each kind of submission, which puts one into the queue."""
    from submissions.models import Submission
    from submissions.services import drafts, submit
    from tests.factories import submissions as factories
    from tests.factories.catalogue import ClusterFactory

    def closure() -> Submission:
        cluster: Any = ClusterFactory(published=True)
        row, _link = drafts.start_draft(
            kind=Submission.Kind.CLOSURE, email="ada@photonics.example", target=cluster,
            is_email_confirmed=True,
        )  # fmt: skip
        return submit.send(submission=row, notice=factories.notice())

    def update() -> Submission:
        cluster: Any = ClusterFactory(published=True, name="Photonics Tyrol", place="Graz")
        return factories.update_of(cluster, name="Alpine Photonics", place="Linz", website="https://photonics.example")

    def new() -> Submission:
        return factories.pending(website="https://photonics.example", description="We build lasers.")

    return {"a new cluster": new, "an update": update, "a closure": closure}


def report(calls: Calls, order: Layers) -> str:
    """Return the modules, how many there are, and the calls that go up."""
    ours = [name for name in calls.entered if name.split(".")[0] == APP]
    lines = [f"{number:3}  {name}" for number, name in enumerate(ours, 1)]
    lines.append(f"Modules of {APP}: {len(ours)}; of all apps: {len(calls.entered)}")
    up = {call: count for call, count in calls.made.items() if rank(call[1], order) < rank(call[0], order)}
    for title, found in (("Calls up the layers", up), ("Calls back into a module that is not left", +calls.back)):
        inside = sum(count for call, count in found.items() if call[0].split(".")[0] == APP)
        lines.append(f"{title}: {inside} inside {APP}, {sum(found.values()) - inside} in apps below")
        lines += [f"     {caller} -> {callee} ({count})" for (caller, callee), count in sorted(found.items())]
    return "\n".join(lines)


def main() -> None:
    """Print the path of a decision of each kind."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings_test"
    import django
    from django.db import connection

    django.setup()
    order, name = layers(), connection.settings_dict["NAME"]
    packages = frozenset(prefix.split(".")[0] for names in order for prefix in names)
    connection.creation.create_test_db(verbosity=0)
    try:
        for title, make in cases().items():
            calls = Calls(packages)
            approve(make, calls)
            print(f"Approving {title}\n{report(calls, order)}\n")
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
