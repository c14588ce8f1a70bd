"""The shapes of values inside an answer about a cluster, for the OpenAPI description."""

from __future__ import annotations

from rest_framework import serializers

from catalogue.models import Cluster, FactSource, ShowcaseItem, SocialLink

LABELS = [choice for choice in Cluster.QualityLabel.choices if choice[0] != Cluster.QualityLabel.NONE]


class CountryReferenceSerializer(serializers.Serializer):
    """A country where it is only named."""

    code = serializers.CharField(help_text="Two letters of ISO 3166-1; EU for pan-European.")
    name = serializers.CharField()


class NamedSerializer(serializers.Serializer):
    """A region, term or network where it is only named."""

    slug = serializers.CharField(help_text="The value of the filter.")
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
    """An event, project, initiative, label or further network that the cluster shows."""

    kind = serializers.ChoiceField(ShowcaseItem.Kind.choices)
    title = serializers.CharField()
    url = serializers.URLField(allow_null=True)
    date = serializers.CharField(
        allow_null=True, help_text="As exact as it is known: 2019, 2019-06, 2019-06-21, or a span 2017-05/2021-04."
    )
    note = serializers.CharField(help_text="Its part in it; may be empty.")


class FigureSerializer(serializers.Serializer):
    """A figure or short fact that no other key holds."""

    label = serializers.CharField(help_text="What it says.")  # type: ignore[assignment]
    value = serializers.CharField(help_text="A number, a month (2012-10), or text; several separated by semicolons.")
    qualifier = serializers.ChoiceField(Cluster.MembersQualifier.choices)
    note = serializers.CharField(help_text="What to know with it; may be empty.")
    as_of = serializers.CharField(allow_null=True, help_text="YYYY, YYYY-MM or YYYY-MM-DD, if not that of its source.")


class FactSourceSerializer(serializers.Serializer):
    """Where a value of the profile is from, and of when."""

    field = serializers.CharField(
        help_text="What it is about, by the name of the field; members and place with all that they include."
    )
    origin = serializers.ChoiceField(FactSource.Origin.choices)
    label = serializers.CharField(help_text="Who says so.")  # type: ignore[assignment]
    as_of = serializers.CharField(allow_null=True, help_text="YYYY, YYYY-MM or YYYY-MM-DD; null where unknown.")
    text = serializers.CharField(help_text="Both as people read them.")
