"""The real data, loaded once for each module of tests."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from catalogue.models import Cluster, Country, Network, PriorityRule, Region, SearchWord, SourceRecord, Term
from catalogue.services.loading import load_all
from consortium.models import Page, Partner, Project
from tests.catalogue.load_data.data_files import FIXTURES


@pytest.fixture(scope="module")
def data_once(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Load the data for all tests of this module; every test rolls back its own changes, this one all."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_all(folder=FIXTURES)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def data(data_once: None, db: None) -> None:
    """Give the test the loaded data."""


@pytest.fixture
def no_data(db: None) -> None:
    """Give the test an empty catalogue, wherever it stands among the others."""
    for model in (
        SourceRecord,
        Network,
        Cluster,
        PriorityRule,
        Region,
        Country,
        Term,
        SearchWord,
        Partner,
        Page,
        Project,
    ):
        model.objects.all().delete()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a copy of the data files that the test may change."""
    folder = tmp_path / "data"
    shutil.copytree(FIXTURES, folder, ignore=shutil.ignore_patterns("*.geojson", "*.txt"))
    return folder
