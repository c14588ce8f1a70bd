"""Rows of the catalogue."""

from itertools import product
from string import ascii_uppercase
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from catalogue.models import Cluster, Country, EmbedOrigin, Network, Region, Term

_CODES = ["".join(pair) for pair in product(ascii_uppercase, repeat=2)]


class CountryFactory(DjangoModelFactory):
    """A country; the same code gives the same row."""

    class Meta:
        model = Country
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: _CODES[n % len(_CODES)])
    name = factory.LazyAttribute(lambda country: f"Country {country.code}")


class RegionFactory(DjangoModelFactory):
    """A region of a country of its own."""

    class Meta:
        model = Region

    country = factory.SubFactory(CountryFactory)
    name = factory.Sequence(lambda n: f"Region {n}")
    slug = factory.Sequence(lambda n: f"region-{n}")


class TermFactory(DjangoModelFactory):
    """A vertical, unless another kind is named."""

    class Meta:
        model = Term

    vocabulary = Term.Vocabulary.VERTICAL
    name = factory.Sequence(lambda n: f"Vertical {n}")
    slug = factory.Sequence(lambda n: f"vertical-{n}")


class ClusterFactory(DjangoModelFactory):
    """An identified cluster of a country of its own; ``published=True`` makes it public.

    ``terms`` takes terms, ``networks`` takes networks; the search text is true afterwards.
    """

    class Meta:
        model = Cluster
        skip_postgeneration_save = True

    class Params:
        published = factory.Trait(
            status=Cluster.Status.PUBLISHED,
            summary="Brings firms and researchers together.",
            published_at=factory.LazyFunction(timezone.now),
        )

    name = factory.Sequence(lambda n: f"Cluster {n}")
    country = factory.SubFactory(CountryFactory)

    @factory.post_generation
    def terms(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Set the terms given."""
        if create and extracted:
            self.terms.set(extracted)

    @factory.post_generation
    def networks(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Join the networks given."""
        if create and extracted:
            # From the network's side: history follows the relation only from where it is declared.
            for network in extracted:
                network.clusters.add(self)


class NetworkFactory(DjangoModelFactory):
    """A network; ``clusters`` takes its clusters."""

    class Meta:
        model = Network
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Network {n}")
    slug = factory.Sequence(lambda n: f"network-{n}")

    @factory.post_generation
    def clusters(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Add the clusters given."""
        if create and extracted:
            self.clusters.set(extracted)


class EmbedOriginFactory(DjangoModelFactory):
    """A site that may show filtered lists in a frame."""

    class Meta:
        model = EmbedOrigin

    origin = factory.Sequence(lambda n: f"https://partner{n}.example")
