"""From a spreadsheet to proposed values: files, headings, cells, rows, matching. Nothing here writes to the database.

:mod:`~catalogue.imports.isolated` has a file read in a process of its own. There, :mod:`~catalogue.imports.files` opens
it and hands its rows on, :mod:`~catalogue.imports.workbooks` and :mod:`~catalogue.imports.archives` know Excel files,
:mod:`~catalogue.imports.encodings` guesses how a text file is written; none of these knows of the portal.
:mod:`~catalogue.imports.headings` guesses what the columns mean, :mod:`~catalogue.imports.cells`
reads single cells, :mod:`~catalogue.imports.vocabulary` finds countries, regions and terms by their names,
:mod:`~catalogue.imports.rows` puts a row together, :mod:`~catalogue.imports.matching` finds whose row it is.
"""
