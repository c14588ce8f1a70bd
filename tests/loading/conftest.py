"""The real data, loaded once for each module of tests."""

import shutil
from pathlib import Path

import pytest

from catalogue.models import Cluster, Country, Network, PriorityRule, Region, Term
from consortium.models import Page, Partner, Project
from loading.models import SourceRecord
from tests.loading.data_files import FIXTURES


@pytest.fixture
def no_data(db: None) -> None:
    """Give the test an empty catalogue, in whatever order tests run."""
    for model in (
        SourceRecord,
        Network,
        Cluster,
        PriorityRule,
        Region,
        Country,
        Term,
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
