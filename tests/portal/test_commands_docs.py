"""Every command is explained in docs/commands.md."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs" / "commands.md"


def documented() -> set[str]:
    """Return the names in the first columns of the tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", DOCUMENT.read_text(), re.MULTILINE))


def test_document_names_every_management_command():
    files = ROOT.glob("*/management/commands/*.py")
    commands = {f"manage.py {file.stem}" for file in files if not file.stem.startswith("_")}

    assert {"manage.py first_start", "manage.py load_data"} <= commands
    assert {name for name in documented() if name.startswith("manage.py ")} == commands


def test_document_names_every_target_of_the_makefile():
    targets = re.findall(r"^([a-z][a-z0-9 _-]*):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    names = {f"make {name}" for line in targets for name in line.split()}

    assert {"make run", "make test"} <= names
    assert {name for name in documented() if name.startswith("make ")} == names
