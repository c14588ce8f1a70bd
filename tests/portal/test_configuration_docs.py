"""Settings, their document and the example file name the same variables."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def settings_read() -> set[str]:
    """Return every variable that portal/settings.py reads, from its syntax tree."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / "portal" / "settings.py").read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) in ("env", "os.environ")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            names.add(node.args[0].value)
    return names


def test_settings_are_found():
    assert {"SECRET_KEY", "DATABASE_URL", "ENV_FILE", "PORT"} <= settings_read()


def test_document_explains_exactly_the_settings():
    text = (ROOT / "docs" / "configuration.md").read_text().partition("## For the tests only")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+) \|$", text, re.MULTILINE)

    assert sorted(row[0] for row in rows) == sorted(settings_read())
    assert [row[0] for row in rows if len(row[3]) < 20] == []


def test_example_file_has_exactly_the_settings():
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = [found[1] for line in lines if (found := re.match(r"#?([A-Z_]+)=", line))]

    assert sorted(names) == sorted(settings_read())


def test_example_file_starts_once_the_key_is_set(run_python, tmp_path):
    text = (ROOT / ".env.example").read_text()
    file = tmp_path / "env"
    file.write_text(text.replace("SECRET_KEY=\n", f"SECRET_KEY={'r4nD-' * 12}\n"))

    empty = run_python("-c", "import portal.settings", ENV_FILE=str(ROOT / ".env.example"), SECRET_KEY=None)
    filled = run_python("-c", "import portal.settings", ENV_FILE=str(file), SECRET_KEY=None)

    assert "SECRET_KEY: missing" in empty.stderr
    assert (filled.returncode, filled.stderr) == (0, "")
