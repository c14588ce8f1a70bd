"""What docstrings and documents promise about who writes what, checked against the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.project import PACKAGES

#: Where the status of each model is set. Loading publishes too, field by field: catalogue/loading.py.
STATUS_IS_SET_IN = {
    "Cluster": (
        "catalogue/services/clusters.py", "duplicates/merging/services.py",
        "submissions/services/review.py",
    ),
    "Submission": ("submissions/services/",),
    "SpreadsheetImport": ("imports/services/",),
    "Message": ("outbox/services/",),
}  # fmt: skip
#: What opens connections: websites and mail domains, the mail server, and the portal's own health page.
CONNECTS = {
    "webcheck/fetcher.py", "webcheck/mail_domains.py", "outbox/transports/smtp.py", "outbox/transports/bounded.py",
    "portal/probe.py",
    "portal/start.py",
}  # fmt: skip
#: What django-simple-history reads from a record, and who sets it: loading is a leaf app like workplace.
VERSION_ATTRIBUTES = {"_change_reason", "_history_user", "_history_date", "skip_history_when_saving"}
SETS_VERSION_ATTRIBUTES = {"workplace/versions.py", "loading/merge.py"}
NETWORK = {"urllib3", "requests", "httpx", "aiohttp", "http.client", "urllib.request", "dns.resolver", "smtplib"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Return the modules of all apps but for migrations, by path."""
    for app in PACKAGES:
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def written_statuses(node: ast.AST) -> Iterator[ast.Attribute]:
    """Return the members of a ``Status`` that ``node`` assigns to an attribute ``status`` or updates rows with."""
    values: list[ast.AST] = []
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in ast.walk(target)]
        if any(isinstance(part, ast.Attribute) and part.attr == "status" for part in targets):
            values = [node.value]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        values = [keyword.value for keyword in node.keywords if keyword.arg == "status"]
    for part in (part for value in values for part in ast.walk(value)):
        if isinstance(part, ast.Attribute) and "Status" in (
            getattr(part.value, "id", ""),
            getattr(part.value, "attr", ""),
        ):
            yield part


def model_of(status: ast.Attribute, tree: ast.Module) -> str:
    """Return the name of the model of ``Cluster.Status.X``, or of ``Status.X`` by what the module calls ``Status``."""
    if isinstance(status.value, ast.Attribute):
        return str(getattr(status.value.value, "id", ""))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "Status":
            return str(getattr(getattr(node.value, "value", None), "id", ""))
    return "Submission"  # imported from its state machine


def test_a_status_is_set_by_the_services_of_its_record_alone() -> None:
    found = {
        (model_of(status, tree), path)
        for path, tree in sources()
        for node in ast.walk(tree)
        for status in written_statuses(node)
    }

    assert {model for model, _path in found} == set(STATUS_IS_SET_IN)
    assert {path for model, path in found if model == "Cluster"} == set(STATUS_IS_SET_IN["Cluster"])
    assert [entry for entry in sorted(found) if not entry[1].startswith(STATUS_IS_SET_IN[entry[0]])] == []


def test_no_page_opens_a_transaction() -> None:
    found = set()
    for path, tree in sources():
        if {*Path(path).parts, *Path(path).stem.split("_")} & {"views", "admin", "api", "forms", "form"}:
            found |= {path for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "atomic"}

    assert found <= {"submissions/views/links.py"}, "links are spent together with what they do"


def test_other_hosts_are_asked_by_few_modules() -> None:
    found = set()
    for path, tree in sources():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {path for name in names if name in NETWORK or name.split(".")[0] in NETWORK}

    assert found == CONNECTS


def test_a_version_is_described_by_one_helper() -> None:
    found = {
        path
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in VERSION_ATTRIBUTES
        and isinstance(node.ctx, (ast.Store, ast.Del))
    }

    assert found == SETS_VERSION_ATTRIBUTES
