"""The project as its own files describe it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Our packages at the top level.
PACKAGES: tuple[str, ...] = tuple(
    tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
)
