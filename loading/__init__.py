"""Bringing data files into the database, as often as wanted; knows no other app.

The first time every record is created. Later a field takes the file's value only if nobody changed it
since: the values last loaded are stored in :class:`loading.models.SourceRecord`. What staff changed or
deleted stays as it is and is reported. ``docs/data.md`` explains the rules for the people who run it.
"""
