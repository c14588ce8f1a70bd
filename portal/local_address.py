"""Where the portal of this folder answers on this machine, for links that other processes write into mails.

``make run PORT=8123`` is known to the processes that it starts; a shell or a script beside them finds the
address here. Standard library only: the settings read it while they are made.
"""

import re
from pathlib import Path

NAME = "address"


def remember(folder: Path, address: str) -> None:
    """Store the address."""
    (folder / NAME).write_text(f"{address}\n")


def remembered(folder: Path) -> str:
    """Return the address of the last start; empty if there was none."""
    try:
        text = (folder / NAME).read_text().strip()
    except OSError:
        return ""
    return text if re.fullmatch(r"http://127\.0\.0\.1:\d{1,5}", text) else ""
