"""The shapes of the answers, for the OpenAPI description; ``catalogue.api.representation`` makes them."""

from __future__ import annotations

from copy import deepcopy

from rest_framework import serializers

from catalogue.api.parts import ClusterReferenceSerializer, CountryReferenceSerializer, NamedSerializer
from catalogue.api.representation import ATTRIBUTION, PROFILE_KEYS, ROW_KEYS
from catalogue.listing.declared import FACETS
from catalogue.models import Term
from catalogue.profile.declaration import ApiKey


class ErrorSerializer(serializers.Serializer):
    """What went wrong, in a sentence."""

    detail = serializers.CharField()


class ClusterRowSerializer(ClusterReferenceSerializer):
    """A cluster in a list."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return what every reference has and the declared keys of rows."""
        return {**super().get_fields(), **_declared(ROW_KEYS)}


class ClusterProfileSerializer(ClusterRowSerializer):
    """All that is public about a cluster."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return what rows have, the other declared keys and the credit."""
        credit = serializers.CharField(help_text=f"Show it with any use of the coordinates: {ATTRIBUTION}.")
        return {**super().get_fields(), **_declared(PROFILE_KEYS), "attribution": credit}


def _declared(keys: tuple[tuple[str, ApiKey], ...]) -> dict[str, serializers.Field]:
    """Return copies of the declared descriptions: one instance serves one serializer only."""
    return {name: deepcopy(key.serializer) for name, key in keys}


class CountrySerializer(CountryReferenceSerializer):
    """A country with its figures."""

    h2020_contribution = serializers.IntegerField(
        allow_null=True, min_value=0, help_text="Net EU contribution in Horizon 2020, whole euros."
    )
    h2020_participations = serializers.IntegerField(allow_null=True, min_value=0)
    cluster_count = serializers.IntegerField(min_value=0)
    url = serializers.URLField(help_text="The list of its clusters for people.")
    clusters_url = serializers.URLField(help_text="The list of its clusters here.")


class RegionSerializer(NamedSerializer):
    """A region with published clusters."""

    country = CountryReferenceSerializer()
    local_name = serializers.CharField(help_text="In its own language; empty if it is the same.")
    nuts = serializers.ListField(child=serializers.CharField(), help_text="NUTS codes (2021).")
    cluster_count = serializers.IntegerField(min_value=1)
    url = serializers.URLField(help_text="The list of its clusters for people.")
    clusters_url = serializers.URLField(help_text="The list of its clusters here.")


class VocabularySerializer(serializers.Serializer):
    """A controlled vocabulary."""

    vocabulary = serializers.ChoiceField(Term.Vocabulary.choices, help_text="Also the name of the filter.")
    name = serializers.CharField()
    term_count = serializers.IntegerField(min_value=0)
    api_url = serializers.URLField(help_text="Its terms.")


class TermSerializer(NamedSerializer):
    """A term of a vocabulary."""

    cluster_count = serializers.IntegerField(min_value=0)
    url = serializers.URLField(help_text="The list of its clusters for people.")
    clusters_url = serializers.URLField(help_text="The list of its clusters here.")


class NetworkSerializer(NamedSerializer):
    """A network of clusters."""

    cluster_count = serializers.IntegerField(min_value=0, help_text="Clusters of the catalogue that belong to it.")
    stated_members = serializers.IntegerField(
        allow_null=True, min_value=0, help_text="How many clusters the network says it has."
    )
    website = serializers.URLField(allow_null=True)
    url = serializers.URLField(help_text="The public page.")
    api_url = serializers.URLField()
    clusters_url = serializers.URLField(help_text="The list of its clusters here.")


class NetworkProfileSerializer(NetworkSerializer):
    """A network with its clusters."""

    description = serializers.CharField(help_text="Markdown.")
    facilitator = ClusterReferenceSerializer(
        allow_null=True, help_text="The cluster through which the consortium reaches the network."
    )
    clusters = ClusterReferenceSerializer(many=True)


class PageSerializer(serializers.Serializer):
    """One page of a list."""

    count = serializers.IntegerField(min_value=0, help_text="Entries on all pages.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class ReadPartSerializer(serializers.Serializer):
    """A part of the search text that became a filter."""

    text = serializers.CharField(help_text="The words, folded to ASCII.")
    parameter = serializers.CharField(help_text="The filter that it means.")
    values = serializers.ListField(child=serializers.CharField(), help_text="Its values, any of them.")
    label = serializers.CharField()  # type: ignore[assignment]
    excluded = serializers.BooleanField(help_text="Whether clusters with these values are left out.")


class NearSerializer(serializers.Serializer):
    """The town by whose distance the list is sorted."""

    name = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()


class CorrectionSerializer(serializers.Serializer):
    """A misspelt word."""

    word = serializers.CharField()
    read_as = serializers.ListField(child=serializers.CharField())


class InterpretationSerializer(serializers.Serializer):
    """What the search text was read as."""

    text = serializers.CharField()
    read_as = ReadPartSerializer(many=True)
    near = NearSerializer(allow_null=True)
    words = serializers.ListField(child=serializers.CharField(), help_text="Looked for as words.")
    corrections = CorrectionSerializer(many=True)
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Words that no profile has.")


class ClusterPageSerializer(PageSerializer):
    """One page of clusters."""

    results = ClusterRowSerializer(many=True)
    interpretation = InterpretationSerializer(allow_null=True, help_text="Of `q`; null without it.")
    attribution = serializers.CharField(help_text=f"Show it with any use of the coordinates: {ATTRIBUTION}.")


class CountryPageSerializer(PageSerializer):
    """One page of countries."""

    results = CountrySerializer(many=True)


class RegionPageSerializer(PageSerializer):
    """One page of regions."""

    results = RegionSerializer(many=True)


class VocabularyPageSerializer(PageSerializer):
    """One page of vocabularies."""

    results = VocabularySerializer(many=True)


class TermPageSerializer(PageSerializer):
    """One page of terms."""

    results = TermSerializer(many=True)


class NetworkPageSerializer(PageSerializer):
    """One page of networks."""

    results = NetworkSerializer(many=True)


class FacetValueSerializer(serializers.Serializer):
    """One value of a facet."""

    value = serializers.CharField(help_text="The value of the filter.")
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(min_value=0, help_text="Clusters with this value that all other filters leave.")
    selected = serializers.BooleanField()
    parent = serializers.CharField(allow_null=True, help_text="Of a region: the code of its country.")  # type: ignore[assignment]


class FacetsSerializer(serializers.Serializer):
    """The facets by the names of their filters."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return one list of values for each facet of the catalogue."""
        return {name: FacetValueSerializer(many=True) for name in FACETS}


class FacetCountsSerializer(serializers.Serializer):
    """How many clusters there are by each value."""

    count = serializers.IntegerField(min_value=0, help_text="Clusters that all filters leave.")
    facets = FacetsSerializer()


class RootSerializer(serializers.Serializer):
    """What there is."""

    clusters = serializers.URLField()
    facets = serializers.URLField()
    countries = serializers.URLField()
    regions = serializers.URLField()
    vocabularies = serializers.URLField()
    networks = serializers.URLField()
    schema = serializers.URLField()
    docs = serializers.URLField()
