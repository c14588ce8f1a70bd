"""Starting the portal's own programs as separate processes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
RIGHT = {"SECRET_KEY": "k7-" + "Qz9w" * 20, "ALLOWED_HOSTS": "portal.example,127.0.0.1"}


def production(folder: Path) -> dict[str, str]:
    """Return an environment for production with nothing of the tests in it, and a folder of its own."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # The commands of the Procfile are found where this Python is.
    keep["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{keep.get('PATH', '')}"
    return {**keep, **RIGHT, "ENV_FILE": "", "DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment for production, with folders of this test."""
    return production(tmp_path)


@pytest.fixture
def run_python(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess]:
    """Return a function that runs Python in that environment, with changes to it."""

    def run(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess:
        full = {name: value for name, value in {**environment, **changes}.items() if value is not None}
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=full, capture_output=True, text=True, timeout=60, check=False
        )

    return run
