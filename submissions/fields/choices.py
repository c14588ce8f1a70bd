"""What a proposed value may be, fetched once for many values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from catalogue.models import Cluster, Country, Network, Region, Term
from submissions.fields.definitions import Kind, SubmissionField


@dataclass(frozen=True)
class Choices:
    """All countries, regions, terms and networks by the value that JSON stores, in the order of their names."""

    countries: dict[str, str]
    regions: dict[str, tuple[str, str, str]]  # slug: name, country code, name in its own language
    terms: dict[str, dict[str, str]]  # vocabulary: slug: name
    networks: dict[str, str]
    keys: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)  # (vocabulary or model, slug): pk

    @classmethod
    def load(cls) -> Choices:
        """Read them: four queries."""
        countries = dict(Country.objects.order_by("sort_name").values_list("code", "name"))
        regions: dict[str, tuple[str, str, str]] = {}
        terms: dict[str, dict[str, str]] = {value: {} for value in Term.Vocabulary.values}
        networks: dict[str, str] = {}
        keys: dict[tuple[str, str], int] = {}
        for pk, slug, name, country, local_name in Region.objects.order_by("sort_name").values_list(
            "pk", "slug", "name", "country", "local_name"
        ):
            regions[slug] = (name, country, local_name)
            keys["region", slug] = pk
        for pk, vocabulary, slug, name in Term.objects.order_by("sort_name").values_list(
            "pk", "vocabulary", "slug", "name"
        ):
            terms[vocabulary][slug] = name
            keys[vocabulary, slug] = pk
        for pk, slug, name in Network.objects.order_by("sort_name").values_list("pk", "slug", "name"):
            networks[slug] = name
            keys["network", slug] = pk
        return cls(countries, regions, terms, networks, keys)

    def of(self, spec: SubmissionField) -> dict[str, str]:
        """Return value and label of everything that ``spec`` may be; empty for fields without a list."""
        if spec.kind in (Kind.COUNTRY, Kind.COUNTRIES):
            return self.countries
        if spec.kind == Kind.REGION:
            return {slug: name for slug, (name, _country, _local_name) in self.regions.items()}
        if spec.kind == Kind.TERMS:
            return self.terms[spec.vocabulary]
        if spec.kind == Kind.NETWORKS:
            return self.networks
        if spec.kind == Kind.CHOICE:
            column: Any = Cluster._meta.get_field(spec.name)
            return {str(value): str(label) for value, label in column.choices}
        return {}
