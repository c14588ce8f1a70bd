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
#: At most so many times the time of baseline (b), by size.
TARGETS = {
    **{kind: {2_000: 2.0, 20_000: 3.0} for kind in ("list", "filtered", "search")},
    "api": {2_000: 2.5, 20_000: 2.5, 100_000: 2.5},
}
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass
class Result:
    """All figures of one size."""

    size: int
    rows: Figures = field(default_factory=Figures)
    product: dict[str, Figures] = field(default_factory=dict)
    same_work: dict[str, Figures] = field(default_factory=dict)
    differing: dict[str, int] = field(default_factory=dict)

    @property
    def failures(self) -> bool:
        """Whether an answer was not 200, or differed from that of the baseline."""
        every = [*self.product.values(), *self.same_work.values(), self.rows]
        return any(figures.failures for figures in every) or any(self.differing.values())


def table(result: Result) -> str:
    """Return the table of one size in Markdown."""
    lines = [
        f"### {result.size:,} clusters",
        "",
        "| | median ms | p95 ms | requests/s | queries | × (a) | (b) median ms | × (b) | to reach |",
        "|---|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for kind, figures in result.product.items():
        same = result.same_work.get(kind)
        ratio = figures.median / same.median if same and same.median else None
        target = TARGETS.get(kind, {}).get(result.size)
        verdict = f"{target:g}: {'reached' if ratio <= target else 'missed'}" if target and ratio else "–"
        queries = (
            "–".join(str(number) for number in sorted({min(figures.queries), max(figures.queries)}))
            if figures.queries
            else "?"
        )
        lines.append(
            f"| {NAMES[kind]} ({len(figures.seconds)}) | {figures.median:.1f} | {figures.p95:.1f} | {figures.rate:.0f} | {queries} "
            f"| {figures.median / (result.rows.median or 1):.1f} | {f'{same.median:.1f}' if same else '–'} "
            f"| {f'{ratio:.2f}' if ratio else '–'} | {verdict} |"
        )
    rows = result.rows
    lines.append(
        f"| baseline (a) ({len(rows.seconds)}) | {rows.median:.1f} | {rows.p95:.1f} | {rows.rate:.0f} | 1 | 1 | – | – | – |"
    )
    wrong = {kind: number for kind, number in result.differing.items() if number}
    if result.differing:
        lines += ["", f"Answers that differ from those of baseline (b): {wrong or 'none'}."]
    for kind, figures in result.product.items():
        if figures.failures:
            lines.append(f"{NAMES[kind]}: answers other than 200: {dict(figures.failures)}.")
    return "\n".join([*lines, ""])


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


def summary(results: list[Result]) -> str:
    """Return one table of all sizes in Markdown: median and 95th percentile, and how many times baseline (b)."""
    titles = [f"{result.size:,} clusters, ms | × (b)" for result in results]
    lines = [f"| | queries | {' | '.join(titles)} |", "|---|--:|" + "--:|--:|" * len(results)]
    for kind in results[0].product:
        queries = [number for result in results for number in result.product[kind].queries]
        asked = "–".join(str(number) for number in sorted({min(queries), max(queries)})) if queries else "?"
        cells = []
        for result in results:
            figures, same = result.product[kind], result.same_work[kind]
            times = f"{figures.median / same.median:.1f}" if same.median else "–"
            cells.append(f"{figures.median:.0f} ({figures.p95:.0f}) | {times}")
        lines.append(f"| {NAMES[kind]} | {asked} | {' | '.join(cells)} |")
    bare = " | ".join(f"{result.rows.median:.0f} ({result.rows.p95:.0f}) | –" for result in results)
    return "\n".join([*lines, f"| baseline (a) | 1 | {bare} |", ""])


def write(path: Path, results: list[Result], memory: list[Memory], transfers: list[Transfer]) -> None:
    """Write the figures between the marks of the document; what people wrote around them stays."""
    measured = f"Measured on {datetime.now(UTC):%Y-%m-%d}, {machine()}."
    figures = "\n".join([measured, "", summary(results), closing(memory, transfers)])
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


def _read(path: str) -> str:
    file = Path(path)
    return file.read_text() if file.exists() else ""
