"""The shapes of the answers, for the OpenAPI description; ``catalogue.api.representation`` makes them."""

from __future__ import annotations

from rest_framework import serializers

from catalogue.api.representation import ATTRIBUTION
from catalogue.listing.filters import FACETS
from catalogue.models import Cluster, ShowcaseItem, SocialLink, Term

LABELS = [choice for choice in Cluster.QualityLabel.choices if choice[0] != Cluster.QualityLabel.NONE]


class ErrorSerializer(serializers.Serializer):
    """What went wrong, in a sentence."""

    detail = serializers.CharField()


class CountryReferenceSerializer(serializers.Serializer):
    """A country where it is only named."""

    code = serializers.CharField(help_text="Two letters of ISO 3166-1; EU for pan-European.")
    name = serializers.CharField()


class NamedSerializer(serializers.Serializer):
    """A region, term or network where it is only named."""

    slug = serializers.CharField(help_text="What stands in a filter.")
    name = serializers.CharField()


class ClusterReferenceSerializer(serializers.Serializer):
    """A cluster where it is only named."""

    id = serializers.UUIDField(help_text="Stays the same for ever.")
    slug = serializers.CharField(help_text="May change; the old address then leads to the new one.")
    name = serializers.CharField()
    url = serializers.URLField(help_text="The public page.")
    api_url = serializers.URLField(help_text="The full profile here.")


class LocationSerializer(serializers.Serializer):
    """Where a cluster is. The point is the centre of a town, never a street address."""

    place = serializers.CharField(allow_null=True, help_text="Town; null where only the country is known.")
    latitude = serializers.FloatField(min_value=-90, max_value=90, help_text="Degrees north, WGS 84.")
    longitude = serializers.FloatField(min_value=-180, max_value=180, help_text="Degrees east, WGS 84.")
    precision = serializers.ChoiceField(Cluster.Precision.choices)


class ClusterRowSerializer(ClusterReferenceSerializer):
    """A cluster in a list."""

    acronym = serializers.CharField(help_text="Empty if it has none.")
    country = CountryReferenceSerializer()
    region = NamedSerializer(allow_null=True)
    verticals = NamedSerializer(many=True)
    sectors = NamedSerializer(many=True)
    emerging_industries = NamedSerializer(many=True)
    technology_fields = NamedSerializer(many=True)
    s3_priorities = NamedSerializer(many=True)
    networks = NamedSerializer(many=True)
    priority = serializers.BooleanField(help_text="The consortium's decision that this cluster matters most.")
    members = serializers.IntegerField(allow_null=True, min_value=0)
    members_qualifier = serializers.ChoiceField(Cluster.MembersQualifier.choices, allow_null=True)
    members_as_of = serializers.DateField(allow_null=True)
    founded = serializers.IntegerField(allow_null=True, help_text="Year.")
    summary = serializers.CharField()
    core_cybersecurity = serializers.BooleanField(help_text="Whether cybersecurity is its core activity.")
    quality_label = serializers.ChoiceField(
        LABELS, allow_null=True, help_text="Label of cluster management excellence, if valid today."
    )
    location = LocationSerializer(allow_null=True)
    confirmed_on = serializers.DateField(
        allow_null=True, help_text="When the cluster or staff last said that the profile is right."
    )


class MembersSplitSerializer(serializers.Serializer):
    """Members by kind; null where unknown."""

    sme = serializers.IntegerField(allow_null=True, min_value=0)
    large = serializers.IntegerField(allow_null=True, min_value=0)
    research = serializers.IntegerField(allow_null=True, min_value=0)
    public = serializers.IntegerField(allow_null=True, min_value=0)


class QualitySerializer(serializers.Serializer):
    """A quality label that is valid today."""

    label = serializers.ChoiceField(LABELS)  # type: ignore[assignment]
    evidence = serializers.URLField()
    valid_until = serializers.DateField()


class SocialLinkSerializer(serializers.Serializer):
    """A page on a social network."""

    kind = serializers.ChoiceField(SocialLink.Kind.choices)
    url = serializers.URLField()


class ShowcaseItemSerializer(serializers.Serializer):
    """An event, project or initiative that the cluster shows."""

    kind = serializers.ChoiceField(ShowcaseItem.Kind.choices)
    title = serializers.CharField()
    url = serializers.URLField(allow_null=True)
    date = serializers.DateField(allow_null=True)


class ClusterProfileSerializer(ClusterRowSerializer):
    """All that is public about a cluster."""

    former_names = serializers.ListField(child=serializers.CharField())
    place_local_name = serializers.CharField(help_text="The place in its own language where that differs.")
    description = serializers.CharField(help_text="Markdown.")
    benefits = serializers.CharField(help_text="Benefits for members, Markdown.")
    website = serializers.URLField(allow_null=True)
    email = serializers.EmailField(allow_null=True, help_text="Public address.")
    phone = serializers.CharField(allow_null=True)
    logo_url = serializers.URLField(allow_null=True)
    members_split = MembersSplitSerializer()
    staff = serializers.FloatField(allow_null=True, min_value=0, help_text="Full-time equivalents of its own team.")
    quality = QualitySerializer(allow_null=True)
    social_links = SocialLinkSerializer(many=True)
    showcase = ShowcaseItemSerializer(many=True)
    target_markets = CountryReferenceSerializer(many=True)
    successor = ClusterReferenceSerializer(
        allow_null=True, help_text="The published cluster that goes on with this one's work."
    )
    attribution = serializers.CharField(help_text=f"Show it with any use of the coordinates: {ATTRIBUTION}.")


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


class ClusterPageSerializer(PageSerializer):
    """One page of clusters."""

    results = ClusterRowSerializer(many=True)
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

    value = serializers.CharField(help_text="What stands in the filter.")
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
