"""What a cluster does."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from catalogue.api.parts import (
    CountryReferenceSerializer,
    NamedSerializer,
    ShowcaseItemSerializer,
)
from catalogue.models import Country, ShowcaseItem, Term
from catalogue.profile import html
from catalogue.profile.declaration import (
    ApiKey,
    Column,
    ComparisonRow,
    Fact,
    FormField,
    Kind,
    ProfileField,
    Property,
    Step,
)
from catalogue.profile.fields.values import column

if TYPE_CHECKING:
    from catalogue.api.representation import Links


def _terms(
    vocabulary: Term.Vocabulary, name: str, label: str, number: int, *, headings: tuple[str, ...], help: str = ""
) -> ProfileField:
    """Return the field of a vocabulary; ``number`` places it among the others in every output."""
    return ProfileField(
        name, label,
        form=FormField(Step.WHAT, Kind.TERMS, help=help, order=40 + number),
        headings=headings,
        vocabulary=vocabulary,
        fact=Fact(
            lambda c: html.term_list(c, vocabulary),
            lambda c: str(vocabulary.label) if len(html.terms_of(c, vocabulary)) == 1 else label,
            order=50 + number,
        ),
        comparison=ComparisonRow(lambda c: tuple(term.name for term in html.terms_of(c, vocabulary)), order=60 + number),
        # Fetched for many clusters at once by catalogue.api.representation.
        api=(ApiKey(NamedSerializer(many=True), columns=(), value=lambda *_: [], in_rows=True, order=40 + number),),
        columns=(
            Column(
                name, f"{vocabulary.label} terms (list)", lambda c: [term.name for term in html.terms_of(c, vocabulary)],
                order=130 + number,
            ),
        ),
    )  # fmt: skip


def _api_showcase(row: Any, links: Links, today: date) -> list[dict[str, Any]]:
    items = ShowcaseItem.objects.filter(cluster=row.pk).values("kind", "title", "url", "date", "note")
    return [{**item, "url": item["url"] or None, "date": item["date"] or None} for item in items]


FIELDS: tuple[ProfileField, ...] = (
    _terms(
        Term.Vocabulary.VERTICAL, "verticals", "Verticals", 0, help="The markets that its members serve.",
        headings=("vertical", "vertical market", "vertical markets"),
    ),
    _terms(
        Term.Vocabulary.SECTOR, "sectors", "Sectors", 1,
        headings=("sector", "sectoral industries", "sectoral industry", "industry sector", "industry sectors", "industries"),
    ),
    _terms(
        Term.Vocabulary.EMERGING_INDUSTRY, "emerging_industries", "Emerging industries", 2, headings=("emerging industry",)
    ),
    _terms(
        Term.Vocabulary.TECHNOLOGY_FIELD, "technology_fields", "Technology fields", 3,
        headings=("technology field", "technologies", "technology", "technology areas"),
    ),
    _terms(
        Term.Vocabulary.S3_PRIORITY, "s3_priorities", "S3 priorities", 4,
        headings=("s3 priority", "smart specialisation priorities", "smart specialization priorities", "s3",
                  "smart specialisation", "eu priorities"),
    ),
    ProfileField(
        "networks", "Networks",
        form=FormField(Step.WHAT, Kind.NETWORKS, help="Umbrellas that it belongs to.", order=70),
        headings=("network", "umbrella"),
        comparison=ComparisonRow(lambda c: tuple(network.name for network in c.networks.all()), order=130),
        # Fetched for many clusters at once by catalogue.api.representation.
        api=(ApiKey(NamedSerializer(many=True), columns=(), value=lambda *_: [], in_rows=True, order=50),),
        columns=(Column("networks", "networks (list)", lambda c: [network.name for network in c.networks.all()], order=140),),
        schema_org=Property(
            "memberOf", lambda c: [{"@type": "Organization", "name": network.name} for network in c.networks.all()],
            order=60,
        ),
    ),
    ProfileField(
        "is_priority", "Priority",
        comparison=ComparisonRow(lambda c: ("Priority cluster",) if c.is_priority else (), order=40),
        api=(ApiKey(
            serializers.BooleanField(help_text="The consortium's decision that this cluster matters most."),
            "priority", ("is_priority",), in_rows=True, order=60,
        ),),
        columns=(Column("priority", "whether it is a priority cluster", column("is_priority"), order=150),),
    ),
    ProfileField(
        "core_cybersecurity", "Core activity",
        form=FormField(
            Step.WHAT, Kind.FLAG, "Cybersecurity is its core activity", order=50,
            help="Tick this only if most members work in cybersecurity.",
        ),
        headings=("cybersecurity core", "core cybersecurity", "cyber core"),
        fact=Fact(lambda c: "Cybersecurity" if c.core_cybersecurity else "", order=60),
        comparison=ComparisonRow(lambda c: ("Cybersecurity" if c.core_cybersecurity else "Another field",), order=70),
        api=(ApiKey(
            serializers.BooleanField(help_text="Whether cybersecurity is its core activity."), in_rows=True, order=120
        ),),
        columns=(
            Column("core_cybersecurity", "whether cybersecurity is its core activity", column("core_cybersecurity"), order=160),
        ),
    ),
    ProfileField(
        "summary", "Summary",
        form=FormField(
            Step.WHAT, Kind.LONG, is_required=True, order=10,
            help="Two or three sentences for lists: who gathers there, in which field, to what end. At most 600 characters.",
            example="Gathers 120 firms and institutes of the Alps that build lasers and sensors, and helps them to export.",
        ),
        headings=("short description", "abstract", "in short"),
        comparison=ComparisonRow(lambda c: (c.summary,), order=50),
        api=(ApiKey(serializers.CharField(), in_rows=True, order=110),),
        columns=(Column("summary", "summary", column("summary"), order=280),),
    ),
    ProfileField(
        "description", "Description",
        form=FormField(
            Step.WHAT, Kind.MARKDOWN, order=20,
            help="What the cluster does, for visitors who want to know more. Paragraphs, lists and links in Markdown.",
        ),
        headings=("about", "long description", "mission", "profile"),
        api=(ApiKey(serializers.CharField(help_text="Markdown."), order=220),),
        columns=(Column("description", "description (Markdown)", column("description"), order=290),),
    ),
    ProfileField(
        "benefits", "Benefits for members",
        form=FormField(Step.WHAT, Kind.MARKDOWN, help="What a member gets. One per line.", order=30),
        headings=("member benefits", "benefits", "services"),
        api=(ApiKey(serializers.CharField(help_text="Benefits for members, Markdown."), order=230),),
        columns=(Column("benefits", "benefits for members (Markdown)", column("benefits"), order=300),),
    ),
    ProfileField(
        "target_markets", "Target markets",
        form=FormField(
            Step.WHAT, Kind.COUNTRIES, help="Countries in which its members look for business.", order=60
        ),
        headings=("target countries", "markets abroad", "target market"),
        fact=Fact(lambda c: ", ".join(str(country) for country in c.target_markets.all()), order=110),
        comparison=ComparisonRow(lambda c: tuple(country.name for country in c.target_markets.all()), order=140),
        api=(ApiKey(
            CountryReferenceSerializer(many=True), columns=(), order=330,
            value=lambda row, links, today:
                list(Country.objects.filter(targeting_clusters=row.pk).values("code", "name")),
        ),),
        columns=(Column(
            "target_markets", "target markets (list of country names)", lambda c: [m.name for m in c.target_markets.all()], order=310
        ),),
    ),
    ProfileField(
        "showcase_items", "Showcase",
        api=(ApiKey(ShowcaseItemSerializer(many=True), "showcase", columns=(), value=_api_showcase, order=320),),
    ),
)  # fmt: skip
