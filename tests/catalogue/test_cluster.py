"""What a cluster may say of itself, by its form and by the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalogue.models import Cluster
from tests.factories.catalogue import ClusterFactory, CountryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PLACE = {"latitude": "48.1", "longitude": "11.6", "precision": "seat"}


@pytest.mark.parametrize("missing", [{"longitude": None}, {"latitude": None}, {"precision": ""}])
def test_half_a_place_is_refused_by_form_and_database(missing: dict[str, Any]) -> None:
    cluster = ClusterFactory(published=True, country=CountryFactory(code="DE"), **PLACE)

    with pytest.raises(IntegrityError), transaction.atomic():
        Cluster.objects.filter(pk=cluster.pk).update(**missing)
    for name, value in missing.items():
        setattr(cluster, name, value)
    with pytest.raises(ValidationError, match="all three or none"):
        cluster.full_clean()


def test_confirmation_cannot_lie_in_the_future() -> None:
    cluster = ClusterFactory(published=True)
    cluster.confirmed_on = timezone.localdate() + timedelta(days=1)

    with pytest.raises(ValidationError, match="has not come yet"):
        cluster.full_clean()
