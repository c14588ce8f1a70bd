"""What must hold for the project as a whole, whatever is added to it."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.template.utils import get_app_template_dirs
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from outbox.kinds import mail_kinds
from tests.project import PACKAGES, ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

#: Nobody who clones the project can use these: registries that one workplace reads from, folders of one machine.
NOT_FOR_OTHERS = re.compile(
    r"pypi\.org|files\.pythonhosted|registry\.npmjs|test\.pypi|(?<![\w.:/}])/(?:work|root|home|Users)/|[A-Z]:\\\\Users"
)
E_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@((?:[a-z0-9-]+\.)+[a-z]{2,})(?![\w@])", re.IGNORECASE)
CREDENTIALS = re.compile(r"(?<=://)[^\s/@]*@")  # user and password in the address of a service

#: Addresses without arguments that are no page of their own, with what they answer instead.
NO_PAGES = {
    "/clusters/suggest/": "text/html",  # options for the list under the search box
    "/submit/similar/": "text/html",  # a part of the form's first step
    "/submit/challenge/": "application/json",
}
#: Staff addresses without arguments that answer otherwise than with a page.
STAFF_REDIRECTS = {"/admin/login/"}  # whoever is signed in is led on
#: Nothing is added by hand here: the portal writes these rows itself.
STAFF_REFUSED = {
    "/admin/axes/accessattempt/add/",
    "/admin/duplicates/clustermerge/add/",
    "/admin/quality/freshnessplan/add/",
    "/admin/quality/freshnessrequest/add/",
    "/admin/workplace/nightlyrun/add/",
    "/admin/catalogue/priorityrule/add/",
    "/admin/catalogue/factproposal/add/",
    "/admin/quality/qualityfinding/add/",
    "/admin/submissions/submission/add/",
    "/admin/submissions/submissionpolicy/add/",
    "/admin/consortium/project/add/",
    "/admin/outbox/message/add/",
    "/admin/outbox/wording/add/",
}
#: These ask about clusters that were chosen before.
STAFF_NEED_A_CHOICE = {"/admin/catalogue/cluster/ask/", "/admin/catalogue/cluster/merge/"}
STAFF_NO_PAGES = {
    "/admin/logout/",  # takes POST only
    "/admin/outbox/message/resume/",  # takes POST only
    "/admin/jsi18n/",  # a script
    "/admin/autocomplete/",  # JSON for a field that it must be told
}


def tracked() -> list[Path]:
    """Return the files of the repository, those that are not committed yet included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("NOT RUN: this folder is no git repository")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def e_mail_domains(line: str) -> list[str]:
    """Return the domains of the e-mail addresses in a line."""
    return [found[1].lower() for found in E_MAIL.finditer(CREDENTIALS.sub("", line))]


def text_of(path: Path) -> str:
    """Return the text of a file; nothing for a picture and the like."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    """Return the addresses that have no argument."""
    for pattern in patterns:
        part = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if "<" not in part:
                yield from addresses(pattern.url_patterns, prefix + part)
        elif "<" not in part and "(" not in part and not part.startswith("^"):
            yield prefix + part


ALL = sorted(set(addresses(get_resolver().url_patterns)))
PUBLIC = [path for path in ALL if not path.startswith("/admin/")]
STAFF = [path for path in ALL if path.startswith("/admin/")]


# --- Database ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    output = StringIO()

    call_command("makemigrations", check=True, dry_run=True, stdout=output)

    assert output.getvalue() == "No changes detected\n"


# --- Addresses ---------------------------------------------------------------------------------


def test_addresses_are_found() -> None:
    assert {"/", "/clusters/", "/networks/", "/api/docs/", "/api/v1/clusters/facets/", "/health/ready"} <= set(PUBLIC)
    assert {"/admin/", "/admin/catalogue/cluster/", "/admin/catalogue/cluster/priority/"} <= set(STAFF)


@pytest.mark.django_db
@pytest.mark.parametrize("path", PUBLIC)
def test_public_address_answers_and_a_page_has_one_h1(client: Client, path: str) -> None:
    response = client.get(path)
    if path == "/favicon.ico":
        assert (response.status_code, response["Location"]) == (302, "/static/img/favicon.svg")
        return
    kind = response.headers["Content-Type"].partition(";")[0]
    if path == "/api/v1/submissions/":  # takes POST only
        assert (response.status_code, kind) == (405, "application/json")
        return

    assert response.status_code == 200
    if path in NO_PAGES:
        assert kind == NO_PAGES[path]
    elif kind == "text/html":
        assert len(re.findall(r"<h1[\s>]", page_of(response))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", [path for path in STAFF if path not in STAFF_NO_PAGES])
def test_staff_address_answers_and_has_one_h1(admin_client: Client, path: str) -> None:
    response = admin_client.get(path)

    if path in STAFF_REDIRECTS:
        assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
        return
    if path in STAFF_REFUSED | STAFF_NEED_A_CHOICE:
        assert response.status_code == (403 if path in STAFF_REFUSED else 404)
        return
    if response.status_code == 302:
        # A table with one row shows the form of that row in place of a list.
        assert response.headers["Location"].startswith(path)
        response = admin_client.get(path, follow=True)
    assert response.status_code == 200
    assert len(re.findall(r"<h1[\s>]", page_of(response))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", [path for path in STAFF if path != "/admin/login/"])
def test_staff_address_asks_strangers_to_sign_in(client: Client, path: str) -> None:
    response = client.get(path)

    if path == "/admin/logout/":
        assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
    elif path == "/admin/jsi18n/":  # words of the interface, for the sign-in page too
        assert response.status_code in (200, 302)
    else:
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/admin/login/?next=")


def page_of(response: object) -> str:
    """Return the HTML of an answer, streamed or not."""
    content = response.getvalue() if getattr(response, "streaming", False) else response.content  # type: ignore[attr-defined]
    return content.decode()


# --- Order of imports --------------------------------------------------------------------------


def test_imports_follow_the_contracts() -> None:
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 broken" in result.stdout


# --- Files -------------------------------------------------------------------------------------


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in tracked()
        if path != Path(__file__)
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if NOT_FOR_OTHERS.search(line)
    ]

    assert found == []


def test_every_e_mail_address_is_an_example() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {domain}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        for domain in e_mail_domains(line)
        if not domain.endswith(".example")
    ]

    assert found == []


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("see https://pypi" + ".org/simple", True),
        ("cd /wo" + "rk/main", True),
        ("https://portal.example/wo" + "rk/", False),
        ("COPY x /srv/portal", False),
    ],
)
def test_the_search_for_machines_finds_what_it_should(text: str, is_found: bool) -> None:
    assert bool(NOT_FOR_OTHERS.search(text)) == is_found


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("Write to a.b@" + "mail.example.eu", ["mail.example.eu"]),
        ("mailto:office@gaia.example?subject=x", ["gaia.example"]),
        ("smtp://user:password@" + "mail.portal.eu:25", []),
        ("@pytest.mark.e2e", []),
    ],
)
def test_the_search_for_e_mail_addresses_finds_what_it_should(text: str, domains: list[str]) -> None:
    assert e_mail_domains(text) == domains


# --- Templates ---------------------------------------------------------------------------------


def test_templates_have_no_inline_script_or_style() -> None:
    inline = re.compile(
        r"<style|\sstyle\s*=\s*[\"']|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on|hx-vals\s*=\s*[\"']js:"
        r"|<script(?![^>]*\ssrc=)(?![^>]*type=\"application/(?:ld\+)?json\")",
        re.IGNORECASE,
    )
    in_python = re.compile(r"<style|<script|<[a-z]+\s[^<>]*(?:style|on[a-z]+)\s*=|javascript:", re.IGNORECASE)
    # Mail programs know no style sheets: the frame of mails is the one template with styles at its elements.
    of_mails = ROOT / "templates" / "outbox" / "email" / "layout.html"
    sources = [(file, inline) for file in TEMPLATES if file != of_mails]
    sources += [(file, in_python) for package in PACKAGES for file in (ROOT / package).rglob("*.py")]

    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, pattern in sources
        for match in pattern.finditer(
            re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
        )
    ]

    assert found == []


def test_every_template_is_used() -> None:
    sources = [*TEMPLATES, *(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))]
    named = set(re.findall(r"[\"']([\w/.-]+\.html)(?:#\w+)?[\"']", "\n".join(file.read_text() for file in sources)))
    named |= {f"{kind.folder}/body.html" for kind in mail_kinds}
    # Django asks for these by itself.
    named |= {"400.html", "403.html", "404.html", "500.html"}
    named |= {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/{name}.html"
        for model in apps.get_models()
        for name in ("change_form", "change_list", "delete_confirmation", "delete_selected_confirmation")
    }
    others = [Path(folder) for folder in get_app_template_dirs("templates")]

    unused = [
        name
        for path in TEMPLATES
        if (name := path.relative_to(ROOT / "templates").as_posix()) not in named
        # A template of the same name in a package is replaced by ours.
        and not any((folder / name).is_file() for folder in others)
    ]

    assert TEMPLATES
    assert unused == []


# --- Packages ----------------------------------------------------------------------------------


def pinned(kind: str) -> dict[str, tuple[str, int]]:
    """Return the packages of a requirements file with version and number of hashes."""
    text = (ROOT / "requirements" / f"{kind}.txt").read_text().replace("\\\n", " ")
    packages = {}
    for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        requirement = Requirement(line.partition("--hash")[0])
        version = re.fullmatch(r"==([\w.!+]+)", str(requirement.specifier))
        assert version, f"{kind}.txt does not pin one version: {line[:80]}"
        packages[canonicalize_name(requirement.name)] = (
            version[1],
            len(re.findall(r"--hash=sha256:[0-9a-f]{64}(?:\s|$)", line)),
        )
    return packages


def declared() -> tuple[list[Requirement], list[Requirement]]:
    """Return what pyproject.toml asks for to run and to develop."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return (
        [Requirement(line) for line in project["dependencies"]],
        [Requirement(line) for line in project["optional-dependencies"]["dev"]],
    )


@pytest.mark.parametrize("kind", ["run", "dev"])
def test_every_pinned_package_has_hashes(kind: str) -> None:
    assert [name for name, (_version, hashes) in pinned(kind).items() if not hashes] == []


def test_pins_are_what_pyproject_asks_for() -> None:
    run, dev = pinned("run"), pinned("dev")
    to_run, to_develop = declared()

    for requirements, pins in ((to_run, run), (to_run + to_develop, dev)):
        missing = [
            str(asked)
            for asked in requirements
            if canonicalize_name(asked.name) not in pins
            or not asked.specifier.contains(pins[canonicalize_name(asked.name)][0], prereleases=True)
        ]
        assert missing == []
    assert {name: dev.get(name) for name in run} == run, "run.txt and dev.txt pin the same"
    tools = {canonicalize_name(asked.name) for asked in to_develop}
    # drf-spectacular needs it too.
    assert tools & set(run) <= {"pyyaml", "jsonschema"}, "what is only for developing is not installed to run"
