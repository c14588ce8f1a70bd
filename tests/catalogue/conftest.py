"""The real data, loaded once for a module."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from catalogue.services.loading import load_all


@pytest.fixture(scope="module")
def data_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load the data for all tests of a module; every test rolls back its own changes, this one all."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_all(folder=settings.FIXTURE_DATA_DIR)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def data(data_once: None, db: None) -> None:
    """Give the test the loaded data."""
