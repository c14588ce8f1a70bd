"""Loading the data files of ``fixtures/`` into the database: the kinds of the catalogue and of the consortium."""

from catalogue.services.loading.eccp import EccpReport, load_eccp
from catalogue.services.loading.load import load_all
from loading.files import LoadError
from loading.report import Difference, Report

__all__ = ["Difference", "EccpReport", "LoadError", "Report", "load_all", "load_eccp"]
