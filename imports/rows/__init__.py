"""From a spreadsheet to proposed values: files, headings, cells, rows, matching. Nothing here writes to the database.

:mod:`~spreadsheets.isolated` has a file read in a process of its own. There, :mod:`~spreadsheets.reader` opens
it and hands its rows on, :mod:`~spreadsheets.workbooks`, :mod:`~spreadsheets.worksheets` and :mod:`~spreadsheets.archives` know Excel files,
:mod:`~spreadsheets.encodings` guesses how a text file is written; none of these knows of the portal.
:mod:`~imports.rows.headings` guesses what the columns mean, :mod:`~imports.rows.cells`
reads single cells, :mod:`~imports.rows.vocabulary` finds countries, regions and terms by their names,
:mod:`~imports.rows.reader` puts a row together, :mod:`~imports.rows.matching` finds whose row it is.
"""
