"""Make ``.venv`` and install the pinned packages into it; does nothing when they are there already.

Called by the Makefile as ``python -I portal/install.py run|dev``. Standard library only, since nothing is
installed yet when it runs.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def main(kind: str) -> int:
    """Install ``requirements/<kind>.txt`` unless exactly this content was installed before."""
    requirements = ROOT / "requirements" / f"{kind}.txt"
    stamp = VENV / f"installed-{kind}"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "install.lock").open("w") as lock:
        # Two installations into one folder would leave it broken: the second waits for the first.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == digest and _works():
            return 0
        started = time.monotonic()
        if not _works():
            _say("Making .venv …")
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        elif subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode:
            subprocess.run([PYTHON, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
        if code := _pip(requirements):
            return code
        stamp.write_text(digest)
        _say(f"Packages are installed ({time.monotonic() - started:.0f} s).")
    return 0


def _works() -> bool:
    try:
        return subprocess.run([PYTHON, "-c", "pass"], capture_output=True).returncode == 0
    except OSError:
        return False


def _pip(requirements: Path) -> int:
    """Run pip with one short line of progress; everything it said is shown only when it fails."""
    total = sum(1 for line in requirements.read_text().splitlines() if line[:1].isalnum())
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "-r", str(requirements)]
    said: list[str] = []
    seen = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUTF8": "1"}
    ) as pip:
        for line in pip.stdout:
            said.append(line)
            word, _, rest = line.strip().partition(" ")
            if word in ("Collecting", "Requirement"):
                seen += 1
                name = rest.removeprefix("already satisfied: ").split("==")[0].split(" ")[0]
                _progress(f"Packages {min(seen, total)}/{total}: {name}", seen)
            elif word == "Installing":
                _progress("Unpacking the packages …", 0)
    if sys.stdout.isatty():
        sys.stdout.write("\r\033[K")
    if pip.returncode:
        sys.stderr.write("".join(said[-30:]))
        _say(f"\nThe packages could not be installed (pip ended with {pip.returncode}, its last words are above).")
        _say("Look at the network connection and the package index that pip is set to, then start again.")
    return pip.returncode


def _progress(text: str, count: int) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{text[:79]}")
        sys.stdout.flush()
    elif count % 20 == 0:
        _say(text)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 this script talks to the person at the terminal


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        _say(f"This failed: {' '.join(map(str, error.cmd))}")
        sys.exit(1)
