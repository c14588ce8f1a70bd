"""From a spreadsheet to proposed values: files, headings, cells, rows, matching. Nothing here writes to the database.

:mod:`~catalogue.imports.files` opens a file and hands its rows on, :mod:`~catalogue.imports.encodings` guesses how
a text file is written, :mod:`~catalogue.imports.headings` what its columns mean, :mod:`~catalogue.imports.cells`
reads single cells, :mod:`~catalogue.imports.vocabulary` finds countries, regions and terms by their names,
:mod:`~catalogue.imports.rows` puts a row together, :mod:`~catalogue.imports.matching` finds whose row it is.
"""
