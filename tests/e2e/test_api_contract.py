"""The API keeps what its description promises, whatever is asked of the running portal."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import Portal
from tests.effort import examples


def test_generated_requests_find_no_failure(portal: Portal, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{portal.url}/api/v1/schema/?format=json",
        "--checks", "all", "--max-examples", str(examples(30)), "--seed", "7", "--no-color",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]
    assert "0 generated" not in done.stdout
