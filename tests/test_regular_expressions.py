"""Every regular expression of ours takes time in proportion to its text, whoever wrote the text.

Each is run over 1 MB of the text that is worst for it, in a process that may compute for 10 seconds: one that takes
time in proportion needs a fraction of a second, one that is quadratic would need an hour.
"""

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalogue.search import numbers
from publicforms import log_masking
from tests.project import PACKAGES

ROOT = Path(__file__).parents[1]

FUNCTIONS = {"compile", "match", "search", "sub", "subn", "fullmatch", "findall", "finditer", "split"}
SIZE = 1_000_000
SECONDS = 10  # of computing
RUN = """if True:
    import json, re, resource, sys
    seconds, size, pattern, flags, is_bytes, way, before, unit, after = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    text = before + unit * (size // len(unit)) + after
    if is_bytes:
        pattern, text = pattern.encode("latin-1"), text.encode("latin-1")
    found = re.compile(pattern, flags)
    if way == "scan":
        for _match in found.finditer(text):
            pass
    else:
        found.match(text)
"""


def scan(unit: str, *, before: str = "", after: str = "!") -> tuple[str, str, str, str]:
    """Return the worst text of what is looked for anywhere: ``unit`` over and over."""
    return "scan", before, unit, after


def match(unit: str, *, before: str = "", after: str = "!") -> tuple[str, str, str, str]:
    """Return the worst text of what is looked for at the beginning only."""
    return "match", before, unit, after


#: By module and name, or module and pattern where it has no name.
WORST = {
    "submissions.admin.history_sources _NAMED": scan("Submission 0123abcd-"),
    "submissions.api.views _KEY": match("k", after=" "),
    "catalogue.exports.feed _NOT_XML": scan("\x0b"),
    "imports.rows.cells _AT_LEAST": match(" ", before="at least"),
    "imports.rows.cells _ABOUT": match(" ", before="about"),
    "imports.rows.cells _MEMBERS_WORD": scan(" ", before="members"),
    "imports.rows.cells _SPACES": scan(" '"),
    "imports.rows.cells _GROUPED": match(".000", before="1"),
    "imports.rows.cells _SPACED": match(" 000", before="1"),
    "imports.rows.cells _MIXED": match(".000", before="1"),
    "imports.rows.cells _PLAIN": match("1"),
    "imports.rows.cells _ISO": match("0", before="2020-01-01 00:00:00."),
    "imports.rows.cells _DOTTED": match(" ", before="1."),
    "imports.rows.cells _SLASHED": match("1/"),
    "imports.rows.cells _DAY_AND_MONTH": match("- ", before="12"),
    r"imports.rows.cells ^\d{4}$": match("1"),
    r"imports.rows.cells ^(?:<|≤|up to|less than|max)": match("max"),
    r"imports.rows.cells ^\d[\d., ]*+\s*+(?:-|–|—|to|bis)\s*\d": match(" ", before="1"),
    r"imports.rows.cells ^(\d{4})[.,]0+$": match("0", before="2020."),
    r"imports.rows.cells [.,]": scan(".,"),
    r"imports.rows.cells [^\d+-]": scan("x"),
    r"imports.rows.cells [;|\n]": scan(";"),
    r"imports.rows.cells [;\n]": scan(";"),
    "imports.rows.headings _BRACKETS": scan("("),
    "imports.rows.headings _WHEN": scan(" as of the end of 2020-2021"),
    "publicforms.log_masking _pattern": scan("/submit/form/ "),
    "publicforms.log_masking _SEARCH": scan("&", before="/admin/search/?"),
    "workplace.timeline _CURSOR": match("2"),
    "submissions.emails _PLAIN_NAME": match(" a1234"),
    "catalogue.models.embed _ORIGIN": match("a", before="https://"),
    r"catalogue.models.geography ^[A-Z]{2}\Z": scan("A"),
    "duplicates.names _OF_1901": scan("association regie par la loi "),
    r"duplicates.names \bsp\.? ?z\.? ?o\.? ?o\b\.?": scan("sp. z. o. "),
    r"duplicates.names \be\. ?v\b\.?": scan("e. "),
    r"duplicates.names \ba/s\b": scan("a/"),
    "duplicates.names _DOTTED": scan("a.", after="aaaaa"),
    "duplicates.names _SHORTENED": scan("a"),
    "duplicates.names _LINKED_LETTERS": scan("a&", after="aaaaa"),
    "duplicates.names _SEPARATOR": scan(" -"),
    "duplicates.names _DIGITS": scan("1"),
    "duplicates.names _PARTS": scan(" "),
    "duplicates.names _BRACKETS": scan("("),
    "duplicates.names _WORD": scan("a"),
    "duplicates.names _HUMP": scan("aA"),
    "duplicates.names [&+]": scan("&"),
    r"duplicates.names \s[-–—|/]+\s|,": scan(" -"),
    "webcheck.pages _CHARSET": scan(" ", before="charset"),
    "webcheck.pages _KNOWN_CHARSET": match("8", before="utf-"),
    "webcheck.pages _HTML_TAG": scan("<html "),
    "webcheck.pages _LANGUAGE": scan(" ", before="lang"),
    "webcheck.pages _TITLE": scan("<title "),
    "webcheck.pages _TAG": scan("<"),
    "webcheck.pages _SPACE": scan(" "),
    "webcheck.pages _CONTROL": scan("\x01"),
    r"submissions.fields.form [\r\n\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]": scan("x"),
    r"submissions.fields.form ^[0-9+()/. -]{4,40}\Z": scan("1"),
    "submissions.review.checks _ENGLISH": scan("th"),
    "submissions.review.checks _WORD": scan("a1"),
    "catalogue.admin.staff_search _SLUG": match("a"),
    "catalogue.search.text _SEPARATOR": scan(" -"),
    "catalogue.search.tokens _MARKS": scan("?"),
    r"catalogue.search.numbers \D": scan("x"),
    **{f"catalogue.search.numbers {number}": scan("between 1 000 and ") for number in range(len(numbers._RULES))},
    "catalogue.search.text _LINE_ENDS": scan("\r"),
    "catalogue.search.text _HARMFUL": scan("\x01"),
    "outbox.addresses _HEADER_NAME": match("X-"),
    r'outbox.addresses [@<>:;,"\\()\[\]]': scan("@"),
    "outbox.answers _ENHANCED": match("5.1."),
    "outbox.engine _TOKEN": scan("{{"),
    "outbox.engine _ALONE": scan("%} ", before="{%"),
    "outbox.engine _NAME": match("a"),
    "outbox.engine _STRAY": scan("{"),
    "outbox.rendering _MARK": scan("a"),
    "outbox.rendering _URL": scan(".", before="https://"),
    r"outbox.rendering \n{3,}": scan("\n\n "),
    "outbox.transports.smtp _LEADING_DOT": scan(".\n"),
    r'outbox.views \sstyle="([^"]*)"': scan(' style="'),
    r"workplace.history \S+|\s+": scan("a "),
    r"consortium.models ^\d{6,12}\Z": scan("1"),
    r"portal.local_address http://127\.0\.0\.1:\d{1,5}": match("1", before="http://127.0.0.1:"),
    r"portal.settings https?://[^/\s]+": match("a", before="https://", after="/"),
}


def patterns_of(path: Path) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield every regular expression that a module of ours writes down, under the name that ``WORST`` has for it."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    tree = ast.parse(path.read_text())
    names = {
        node.value: node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not _is_about_patterns(node.func):
            continue
        first = node.args[0]
        if node in names and isinstance(found := getattr(importlib.import_module(module), names[node]), re.Pattern):
            yield f"{module} {names[node]}", found
        elif isinstance(first, ast.Constant):
            flags = re.IGNORECASE if "re.I" in ast.unparse(node) else 0
            yield f"{module} {first.value}", re.compile(first.value, flags)
        elif not isinstance(first, ast.Name):
            raise AssertionError(f"{module}, line {node.lineno}: give this regular expression a name in its module.")


def _is_about_patterns(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == "re" and function.attr in FUNCTIONS
    return isinstance(function, ast.Name) and function.id == "RegexValidator"


def _all() -> dict[str, re.Pattern[Any]]:
    files = [path for app in PACKAGES for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
    return {name: pattern for path in files for name, pattern in patterns_of(path)}


ALL = _all()
#: It is made of the paths of all purposes.
ALL |= {f"catalogue.search.numbers {number}": rule[0] for number, rule in enumerate(numbers._RULES)}
ALL["publicforms.log_masking _pattern"] = log_masking._pattern(("submit/form", "submit/link"))


def test_every_regular_expression_has_its_worst_text():
    assert sorted(set(ALL) - set(WORST)) == [], "Add the text that is worst for it to WORST."
    assert sorted(set(WORST) - set(ALL)) == []


@pytest.mark.parametrize("name", sorted(set(ALL) & set(WORST)))
def test_a_regular_expression_takes_time_in_proportion_to_its_text(name):
    assert_linear(ALL[name], WORST[name])


@pytest.mark.parametrize(
    ("pattern", "worst"), [(r"\s+$", scan(" ")), (r"<!--.*?-->", scan("<!--")), (r"(a+)+$", match("a"))]
)
def test_one_that_does_not_is_found(pattern, worst):
    with pytest.raises(AssertionError, match="does not take time in proportion"):
        assert_linear(re.compile(pattern), worst, seconds=1)


def assert_linear(pattern: re.Pattern[Any], worst: tuple[str, str, str, str], *, seconds: int = SECONDS) -> None:
    """Check that ``pattern`` is through with 1 MB of its worst text within the limit."""
    is_bytes = isinstance(pattern.pattern, bytes)
    text = pattern.pattern.decode("latin-1") if is_bytes else pattern.pattern
    request = json.dumps([seconds, SIZE, text, pattern.flags & ~re.UNICODE, is_bytes, *worst])
    done = subprocess.run([sys.executable, "-I", "-S", "-c", RUN, request], check=False, capture_output=True)
    assert done.returncode in (0, -9, -24), done.stderr  # ended by SIGKILL or SIGXCPU
    assert done.returncode == 0, f"{text} does not take time in proportion to its text."
