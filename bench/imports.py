"""``make bench-import``: time and peak memory of a dry run of 10,000 rows against 2,000 clusters, and of hostile files.

Everything is seeded. One row in ten is a cluster as it is, one in ten an update by slug, one in twenty a misspelt
name, one in a hundred a mistake; the others are new. Each kind of file runs in a process of its own, so that the
memory of one says nothing about the other. The database is SQLite in a temporary folder. The hostile files are read as
the worker reads them, in a process under limits; the memory printed is that of this process.
"""

from __future__ import annotations

import csv
import io
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROWS, CLUSTERS, SEED = 10_000, 2_000, 20_261_121
HEADINGS = ("slug", "name", "country", "place", "founded", "members", "verticals", "website", "summary")


def main(arguments: list[str]) -> int:
    """Run for each kind of file, or for the one that is named."""
    if arguments:
        return _read(*arguments[1:]) if arguments[0] == "hostile" else _run(arguments[0])
    print(f"Dry run of {ROWS:,} rows against {CLUSTERS:,} clusters (SQLite)")
    codes = [
        subprocess.run([sys.executable, "-m", "bench.imports", kind], check=False).returncode
        for kind in ("csv", "xlsx")
    ]
    return max(*codes, _hostile())


def _hostile() -> int:
    """Read each hostile file and print the largest memory; it fails if one goes beyond the limit or has no answer."""
    from bench.hostile_files import HOSTILE, make

    print("Hostile files")
    codes, most = [], 0.0
    for kind in HOSTILE:
        name, content, expected = make(kind)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            done = subprocess.run(
                [sys.executable, "-m", "bench.imports", "hostile", str(path), expected], check=False, capture_output=True, text=True
            )  # fmt: skip
        memory, _space, text = done.stdout.partition(" ")
        most = max(most, float(memory or "inf"))
        codes.append(done.returncode)
        print(f"{kind:32} {len(content) / 1024:8,.0f} kB  {text.strip()}{done.stderr}")
    print(f"The worker's reader stays below {most:.0f} MB.")
    return max(codes)


def _read(path: str, expected: str) -> int:
    from spreadsheets import isolated
    from spreadsheets.exceptions import FileProblem

    started, message = time.monotonic(), ""
    with open(path, "rb") as file:
        try:
            isolated.inspect_file(file, name=Path(path).name)
        except FileProblem as problem:
            message = str(problem)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{memory:.0f} {time.monotonic() - started:5.1f} s {memory:5.0f} MB  {message or 'is read'}")
    return int(expected not in message or bool(message) != bool(expected) or memory > isolated.MEMORY / 1024 / 1024)


def _run(kind: str) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
    os.environ["TEST_ROUND"] = "sqlite"
    import django

    django.setup()
    from django.core.files.base import ContentFile
    from django.core.management import call_command

    from imports.models import SpreadsheetImport
    from imports.services import jobs, upload

    call_command("migrate", verbosity=0)
    names = _fill()
    rows = list(_rows(names))
    content = _csv(rows) if kind == "csv" else _xlsx(rows)
    before = _megabytes()
    started = time.monotonic()
    file = ContentFile(content, name=f"rows.{kind}")
    spreadsheet = upload.create_import(file=file, name=f"rows.{kind}", user=None, wakes=False)
    jobs.run(spreadsheet.pk)
    columns = upload.columns_of(SpreadsheetImport.objects.get())
    if columns is None:
        raise SystemExit("The file could not be read.")
    upload.set_columns(spreadsheet=spreadsheet, targets=columns.targets, encoding="cp1252", wakes=False)
    uploaded = time.monotonic() - started
    slices, longest = 0, 0.0
    more = True
    while more:
        begun = time.monotonic()
        more = jobs.run(spreadsheet.pk)
        slices, longest = slices + 1, max(longest, time.monotonic() - begun)
    spreadsheet.refresh_from_db()
    seconds = time.monotonic() - started - uploaded
    counts = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(spreadsheet.counts.items()))
    print(
        f"{kind:4}  upload {uploaded:4.1f} s, dry run {seconds:5.1f} s ({1000 * seconds / ROWS:.1f} ms per row), "
        f"{slices} tasks of at most {longest:.1f} s; peak memory {_megabytes():.0f} MB, {_megabytes() - before:.0f} MB "
        f"more than before; {counts}"
    )
    if spreadsheet.status != "checked" or sum(spreadsheet.counts.values()) != ROWS:
        print(f"  not all rows were checked: {spreadsheet.status} {spreadsheet.problem}")
        return 1
    return 0


def _fill() -> list[tuple[str, str, str]]:
    """Make the clusters and return slug, name and country of each."""
    from bench.words import COUNTRIES, Language
    from catalogue.models import Cluster, Country, Term
    from catalogue.search.text import sort_key

    language, chance = Language(SEED, 20_000), random.Random(SEED)
    for code, name, *_place in COUNTRIES:
        Country(code=code, name=name).save()
    for number in range(12):
        Term.objects.create(vocabulary="vertical", slug=f"market-{number}", name=f"Market {number}")
    made, clusters = set(), []
    while len(clusters) < CLUSTERS:
        name = (
            " ".join(language.word(chance.randint(2, 4)).capitalize() for _ in range(chance.randint(2, 4))) + " Cluster"
        )
        if name in made:
            continue
        made.add(name)
        code = chance.choice(COUNTRIES)[0]
        clusters.append(
            Cluster(
                slug=f"cluster-{len(clusters)}", name=name, country_id=code, sort_name=sort_key(name), place="Exampletown", summary=f"About {name}.",
            )
        )  # fmt: skip
    Cluster.objects.bulk_create(clusters, batch_size=500)
    return [(cluster.slug, cluster.name, cluster.country_id) for cluster in clusters]


def _rows(names: list[tuple[str, str, str]]) -> Any:
    from bench.words import COUNTRIES, Language

    language, chance = Language(SEED + 1, 20_000), random.Random(SEED + 1)
    known = iter(names)
    misspelt = iter(names)
    for number in range(ROWS):
        kind = number % 100
        market, members = (
            f"Market {number % 12}; Market {(number + 5) % 12}",
            chance.choice(["500+", "ca. 120", "80", ""]),
        )
        if kind < 20 and (found := next(known, None)):
            more = " It grew." if kind >= 10 else ""
            yield (found[0], found[1], found[2], "Exampletown", "", "", "", "", f"About {found[1]}.{more}")
        elif kind < 25:
            _slug, name, country = next(misspelt)
            place = chance.randrange(1, len(name) - 1)
            yield ("", name[:place] + name[place + 1 :], country, "", 2005, members, market, "", "")
        elif kind == 99:
            yield ("", f"Wrong {number}", "Nowhere", "", "last year", "many", market, "", "")
        else:
            name = " ".join(language.word(3).capitalize() for _ in range(3)) + f" {number}"
            code = chance.choice(COUNTRIES)[0]
            yield (
                "",
                name,
                code,
                "Sampleville",
                1999 + number % 20,
                members,
                market,
                f"https://c{number}.example",
                "Gathers firms.",
            )


def _csv(rows: list[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([HEADINGS, *rows])
    return text.getvalue().encode("cp1252")


def _xlsx(rows: list[tuple[Any, ...]]) -> bytes:
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet("Clusters")
    for line, cells in enumerate([HEADINGS, *rows]):
        for place, cell in enumerate(cells):
            if cell != "":
                sheet.write(line, place, cell)
    book.close()
    return file.getvalue()


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
