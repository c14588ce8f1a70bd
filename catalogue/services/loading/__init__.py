"""Loading the data files of ``fixtures/`` into the database, as often as wanted.

The first time every record is created. Later a field takes the file's value only if nobody changed it
since: the values last loaded are kept in :class:`catalogue.models.SourceRecord`. What staff changed or
deleted stays as it is and is reported. ``docs/data.md`` explains the rules for the people who run it.
"""

from catalogue.services.loading.eccp import EccpReport, load_eccp
from catalogue.services.loading.files import LoadError
from catalogue.services.loading.load import load_all
from catalogue.services.loading.report import Difference, Report

__all__ = ["Difference", "EccpReport", "LoadError", "Report", "load_all", "load_eccp"]
