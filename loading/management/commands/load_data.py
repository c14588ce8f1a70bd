"""Load the real data of ``fixtures/``."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from tqdm import tqdm

from loading import registry
from loading.files import LoadError
from loading.load import load_all, load_imports


class Command(BaseCommand):
    """Load all kinds of data files that apps registered."""

    help = "Load the data files. Safe to repeat: what staff changed or deleted stays as it is and is listed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Define the options."""
        parser.add_argument(
            "--source",
            type=Path,
            default=settings.FIXTURE_DATA_DIR,
            help="Folder with the data files (default: %(default)s).",
        )
        parser.add_argument("--quiet", action="store_true", help="Print nothing unless something is wrong.")
        parser.add_argument(
            "--no-input",
            "--noinput",
            action="store_true",
            help="Accepted for scripts; nothing is ever asked.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, let apps check the data, then print the summary and what differs from the files."""
        is_quiet = options["quiet"] or options["verbosity"] == 0
        with tqdm(disable=is_quiet or not sys.stderr.isatty(), unit=" records", leave=False) as bar:

            def progress(kind: str, done: int, total: int) -> None:
                bar.total = total
                bar.set_description(kind, refresh=False)
                bar.update()

            try:
                with transaction.atomic():
                    report = load_all(folder=options["source"], progress=progress)
                    imported = load_imports(folder=options["source"])
            except LoadError as error:
                raise CommandError(f"{error}\nNothing was loaded.") from error
        checked = [check() for check in registry.checks()]
        if is_quiet:
            return
        self.stdout.write(report.table())
        for line in report.remarks():
            self.stdout.write(line)
        for line in [*map(str, imported), *checked]:
            self.stdout.write(line)
