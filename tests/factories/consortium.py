"""Rows of the consortium and of sign-in."""

from typing import Any

import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from consortium.models import Partner


class UserFactory(DjangoModelFactory):
    """A member of staff without any permission; ``groups`` takes groups to join."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@partner.example")
    is_staff = True

    @factory.post_generation
    def groups(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Join the groups given."""
        if create and extracted:
            self.groups.set(extracted)


class PartnerFactory(DjangoModelFactory):
    """A partner without users or countries; ``users`` takes its users."""

    class Meta:
        model = Partner
        skip_postgeneration_save = True

    short_name = factory.Sequence(lambda n: f"Partner {n}")

    @factory.post_generation
    def users(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Add the users given."""
        if create and extracted:
            self.users.set(extracted)
