"""Spreadsheets that become submissions. Only this package sets the status of an import (``tests/test_contracts.py``).

:mod:`~catalogue.services.imports.intake` takes a file in, has it read and learns what its columns mean,
:mod:`~catalogue.services.imports.jobs` gives work to one worker at a time, in slices,
:mod:`~catalogue.services.imports.checking` is the dry run,
:mod:`~catalogue.services.imports.terms` what staff says about names that nobody knows,
:mod:`~catalogue.services.imports.deciding` what staff says about possible duplicates,
:mod:`~catalogue.services.imports.proposing` makes submissions of the rows and takes them back,
:mod:`~catalogue.services.imports.approving` approves them all at once.
"""
