"""Spreadsheets that become submissions. Only this package sets the status of an import (``tests/test_contracts.py``).

:mod:`~imports.services.claims` gives an import to one worker at a time, :mod:`~imports.services.jobs` runs its work,
:mod:`~imports.services.upload` stores a file, has it read and stores what its columns mean,
:mod:`~imports.services.dry_run` is the dry run,
:mod:`~imports.services.unknown_terms` stores what staff chose for unknown names,
:mod:`~imports.services.decide` stores decisions on possible duplicates,
:mod:`~imports.services.propose` makes submissions of the rows and withdraws them,
:mod:`~imports.services.approve` approves them all at once.
"""
