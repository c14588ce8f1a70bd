"""The figures as tables: on the screen and in docs/performance.md."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.extra import KB, Memory, Transfer
from bench.load import Figures

NAMES = {
    "list": "list", "filtered": "filtered list", "search": "text search", "typo": "typo search",
    "suggest": "suggestions", "map": "map", "profile": "profile", "api": "API page (50)", "export": "export (CSV)",
}  # fmt: skip
#: Kinds that are compared with everything, each question once and again and again.
LISTS = ("list", "filtered", "search", "typo", "api")
LARGE = 100_000
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass
class Result:
    """All figures of one size: by kind, and by who was asked."""

    size: int
    cold: dict[str, dict[str, Figures]] = field(default_factory=dict)
    warm: dict[str, dict[str, Figures]] = field(default_factory=dict)
    differing: dict[str, int] = field(default_factory=dict)
    other: dict[str, int] = field(default_factory=dict)
    resident: dict[str, list[float]] = field(default_factory=dict)

    @property
    def failures(self) -> bool:
        """Whether an answer was not 200, or said something else than that of the baseline."""
        return any(self.differing.values()) or bool(self.refused)

    @property
    def refused(self) -> dict[str, dict[int, int]]:
        """Return the answers other than 200."""
        return {
            f"{kind}, {name}": dict(figures.failures)
            for measured in (self.cold, self.warm)
            for kind, asked in measured.items()
            for name, figures in asked.items()
            if figures.failures
        }


def goals(size: int, kind: str, *, is_warm: bool) -> dict[str, tuple[float, bool]]:
    """Return the least requests a second over those of each other, and whether the same number is not enough."""
    if kind not in LISTS:
        return {}
    if is_warm:
        return {"Datasette": (1, True), "constant": (0.5, False)}
    return {"limit": (1, True) if size >= LARGE else (0.5, False), "Datasette": (1, True)}


def tables(result: Result) -> str:
    """Return the tables of one size in Markdown."""
    lines = [f"### {result.size:,} clusters, every question new", ""]
    lines += _table(result, result.cold, ["limit", "Datasette"], is_warm=False)
    if result.warm:
        lines += ["", f"### {result.size:,} clusters, the same questions again", ""]
        lines += _table(result, result.warm, ["limit", "Datasette", "constant"], is_warm=True)
    wrong = {kind: number for kind, number in result.differing.items() if number}
    other = ", ".join(f"{NAMES[kind]} {number}" for kind, number in result.other.items())
    memory = [f"{name} {', '.join(f'{each:.0f}' for each in used)}" for name, used in result.resident.items()]
    lines += ["", f"Memory of each worker after that, MB: {'; '.join(memory)}."]
    lines.append(f"Answers that say something else than those by hand: {wrong or 'none'}.")
    if other:
        lines.append(
            f"Searches of 20 that the limit, without synonyms and the rank of the portal, answers otherwise: {other}."
        )
    if result.refused:
        lines.append(f"Answers other than 200: {result.refused}.")
    return "\n".join([*lines, ""])


def _table(result: Result, measured: dict[str, dict[str, Figures]], others: list[str], *, is_warm: bool) -> list[str]:
    titles = ["portal", *others, *(f"portal / {name}" for name in others)]
    lines = [f"| | queries | {' | '.join(titles)} | goals |", f"|---|--:|{'--:|' * len(titles)}---|"]
    for kind, asked in measured.items():
        portal = asked["portal"]
        queries = "–".join(str(number) for number in sorted({min(portal.queries), max(portal.queries)}))
        ratios = {name: portal.rate / asked[name].rate for name in others if name in asked and asked[name].rate}
        cells = [_cell(asked.get(name)) for name in ("portal", *others)]
        cells += [f"{ratios[name]:.2f}" if name in ratios else "–" for name in others]
        verdicts = [
            f"{name} {'>' if is_more else '≥'} {least:g} "
            + ("pass" if (ratios[name] > least if is_more else ratios[name] >= least) else "FAIL")
            for name, (least, is_more) in goals(result.size, kind, is_warm=is_warm).items()
            if name in ratios
        ]
        lines.append(f"| {NAMES[kind]} | {queries} | {' | '.join(cells)} | {', '.join(verdicts) or '–'} |")
    return lines


def _cell(figures: Figures | None) -> str:
    return f"{figures.median:.1f} ms ({figures.p95:.0f}), {figures.rate:.0f}/s" if figures else "–"


def closing(memory: list[Memory], transfers: list[Transfer]) -> str:
    """Return memory and sizes in Markdown."""
    lines = ["### Memory of an export", "", "| rows | worker before, MB | peak, MB |", "|--:|--:|--:|"]
    lines += [f"| {m.rows:,} | {m.before / 1024:.0f} | {m.peak / 1024:.0f} |" for m in memory]
    if len(memory) > 1:
        first, last = memory[0], memory[-1]
        lines += ["", f"Peak with {last.rows:,} rows over peak with {first.rows:,}: {last.peak / first.peak:.2f}."]
    lines += [
        "",
        "### Sizes",
        "",
        "| | unpacked, kB | sent (gzip), kB | to stay below, kB | |",
        "|---|--:|--:|--:|---|",
    ]
    for t in transfers:
        limit = f"{t.limit // KB} {'sent' if t.is_packed else 'unpacked'}" if t.limit else "–"
        lines.append(f"| {t.what} | {t.plain / KB:.1f} | {t.packed / KB:.1f} | {limit} | {t.verdict} |")
    return "\n".join([*lines, ""])


def write(path: Path, results: list[Result], memory: list[Memory], transfers: list[Transfer], around: str) -> None:
    """Write the figures between the marks of the document; what people wrote around them stays."""
    measured = f"Measured on {datetime.now(UTC):%Y-%m-%d}, {machine()}, {around}."
    figures = "\n".join([measured, "", *map(tables, results), closing(memory, transfers)])
    before, _, rest = path.read_text().partition(_BEGIN)
    path.write_text(f"{before}{_BEGIN}\n{figures}{_END}{rest.partition(_END)[2]}")


def machine() -> str:
    """Return processor, cores and memory."""
    model = re.search(r"model name\s*:\s*(.+)", _read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", _read("/proc/meminfo"))
    parts = [f"{os.cpu_count()} cores", model[1].strip() if model else "unknown processor"]
    if memory:
        parts.append(f"{int(memory[1]) / 1024 / 1024:.0f} GB RAM")
    return ", ".join(parts)


def busy() -> str:
    """Return what other programs ask of the machine; to be called before anything is measured."""
    return f"{os.getloadavg()[0]:.1f} other programs at work before"


def _read(path: str) -> str:
    file = Path(path)
    return file.read_text() if file.exists() else ""
