"""Spreadsheets that become submissions. Only this package sets the status of an import (``tests/test_contracts.py``).

:mod:`~imports.services.upload` takes a file in, has it read and learns what its columns mean,
:mod:`~imports.services.jobs` gives work to one worker at a time, in slices,
:mod:`~imports.services.dry_run` is the dry run,
:mod:`~imports.services.unknown_terms` what staff says about names that nobody knows,
:mod:`~imports.services.decide` what staff says about possible duplicates,
:mod:`~imports.services.propose` makes submissions of the rows and takes them back,
:mod:`~imports.services.approve` approves them all at once.
"""
