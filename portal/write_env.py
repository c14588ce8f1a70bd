"""Write ``.env`` for a portal that only this machine can reach; an existing file is left alone.

Standard library only: the settings refuse to load before this file is there.
"""

import os
import secrets
from pathlib import Path

CONTENT = """\
# Written by the first start, for a portal that only this machine can reach.
# Every setting is explained in docs/configuration.md; .env.example is the list for production.
SECRET_KEY={key}
ALLOWED_HOSTS=localhost,127.0.0.1,[::1]
HTTPS=0
LOG_FORMAT=text
"""


def write_env(path: Path) -> bool:
    """Write the file, readable by its owner alone; say whether it was written."""
    try:
        # Made with its mode at once: there is no moment at which others can read the key.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(CONTENT.format(key=secrets.token_urlsafe(50)))
    return True
