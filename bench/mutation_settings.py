"""Settings of bench/mutations.py: those of the tests, with a database that was migrated once and is copied each time."""

import os

from portal.settings_test import *  # noqa: F403

if name := os.environ.get("MUTATION_DATABASE"):
    DATABASES["default"]["TEST"] = {"NAME": name}  # noqa: F405
