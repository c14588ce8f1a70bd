"""The filtered list as files and feeds: one description of the columns, one writer for each format."""
