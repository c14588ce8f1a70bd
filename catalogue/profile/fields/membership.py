"""How large and how good a cluster is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import floatformat
from django.utils.formats import date_format
from rest_framework import serializers

from catalogue.api.parts import (
    LABELS,
    FigureSerializer,
    MembersSplitSerializer,
    QualitySerializer,
)
from catalogue.models import Cluster, ClusterFigure
from catalogue.profile import html
from catalogue.profile.declaration import (
    LAST,
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
from catalogue.profile.fields.values import as_float, as_iso, column, column_or_null, lines

if TYPE_CHECKING:
    from catalogue.api.representation import Links

_SPLIT = ("sme", "large", "research", "public")


def _kind_of_members(
    name: str, what: str, label: str, order: int, *, headings: tuple[str, ...], **more: Any
) -> ProfileField:
    """Return the field of one kind of member; the API has all four under one key."""
    form = FormField(Step.MEMBERS, Kind.WHOLE, help=more.pop("help", ""), order=order)
    return ProfileField(
        name,
        label,
        form=form,
        headings=headings,
        columns=(Column(name, f"{what} among them", column(name), order=130 + order),),
        **more,
    )


def _api_label(row: Any, links: Links, today: date) -> str | None:
    return row.quality_label if row.quality_expires_on and row.quality_expires_on >= today else None


def _api_quality(row: Any, links: Links, today: date) -> dict[str, Any] | None:
    label = _api_label(row, links, today)
    until = as_iso(row.quality_expires_on)
    return {"label": label, "evidence": row.quality_evidence, "valid_until": until} if label else None


def _api_figures(row: Any, links: Links, today: date) -> list[dict[str, Any]]:
    figures = ClusterFigure.objects.filter(cluster=row.pk).values("label", "value", "qualifier", "note", "as_of")
    return [{**figure, "as_of": figure["as_of"] or None} for figure in figures]


FIELDS: tuple[ProfileField, ...] = (
    ProfileField(
        "members", "Members",
        form=FormField(Step.MEMBERS, Kind.WHOLE, help="All organisations that belong to it.", example="120", order=40),
        headings=("number of members", "no of members", "members total", "total members", "member count", "nr of members",
                  "membership"),
        fact=Fact(html.members, order=70),
        comparison=ComparisonRow(lambda c: lines(c.members_text), order=80),
        api=(
            ApiKey(serializers.IntegerField(allow_null=True, min_value=0), in_rows=True, order=70),
            ApiKey(
                MembersSplitSerializer(), "members_split", tuple(f"members_{kind}" for kind in _SPLIT), order=280,
                value=lambda row, links, today: {kind: getattr(row, f"members_{kind}") for kind in _SPLIT},
            ),
        ),
        columns=(Column("members", "number of members", column("members"), order=170),),
    ),
    ProfileField(
        "members_qualifier", "This number is",
        form=FormField(Step.MEMBERS, Kind.CHOICE, order=50),
        headings=("members precision", "qualifier"),
        api=(ApiKey(
            serializers.ChoiceField(Cluster.MembersQualifier.choices, allow_null=True), in_rows=True, order=80,
            value=column_or_null("members_qualifier"),
        ),),
        columns=(Column("members_qualifier", "exact, at_least or approximately", column("members_qualifier"), order=180),),
    ),
    ProfileField(
        "members_as_of", "Counted on",
        form=FormField(Step.MEMBERS, Kind.DATE, order=60),
        headings=("members date", "date of members"),
        api=(ApiKey(
            serializers.DateField(allow_null=True), in_rows=True, order=90,
            value=lambda row, links, today: as_iso(row.members_as_of),
        ),),
        columns=(Column("members_as_of", "date of the number of members", column("members_as_of"), order=190),),
    ),
    _kind_of_members(
        "members_sme", "SMEs", "SMEs among them", 70, help="Small and medium-sized enterprises.",
        headings=("sme", "smes", "number of smes", "sme members"),
        comparison=ComparisonRow(lambda c: () if c.members_sme is None else (f"{c.members_sme:,}",), order=90),
    ),
    _kind_of_members(
        "members_large", "large firms", "Large firms among them", 80,
        headings=("large firms", "large companies", "large enterprises", "number of large firms"),
    ),
    _kind_of_members(
        "members_research", "research organisations", "Research organisations among them", 90,
        headings=("research organisations", "research organizations", "research institutes", "universities",
                  "number of research organisations"),
    ),
    _kind_of_members(
        "members_public", "public bodies", "Public bodies among them", 100,
        headings=("public bodies", "public authorities", "number of public bodies"),
    ),
    ProfileField(
        "staff", "Own staff",
        form=FormField(Step.MEMBERS, Kind.DECIMAL, help="Full-time equivalents of its own team.", example="2.5", order=110),
        headings=("employees", "fte", "staff fte", "team size"),
        fact=Fact(lambda c: "" if c.staff is None else f"{floatformat(c.staff)} full-time equivalents", order=80),
        comparison=ComparisonRow(
            lambda c: () if c.staff is None else (f"{c.staff.normalize():f}",), "Own staff (FTE)", order=100
        ),
        api=(ApiKey(
            serializers.FloatField(allow_null=True, min_value=0, help_text="Full-time equivalents of its own team."),
            value=lambda row, links, today: as_float(row.staff), order=290,
        ),),
        columns=(Column("staff", "own staff in full-time equivalents", lambda c: as_float(c.staff), order=240),),
    ),
    ProfileField(
        "figures", "Further figures",
        api=(ApiKey(FigureSerializer(many=True), columns=(), value=_api_figures, order=295),),
        columns=(Column(
            "figures", "further figures (list of “label: value”)",
            lambda c: [f"{figure.label}: {figure.text}" for figure in c.figures.all()], order=LAST + 2,
        ),),
    ),
    ProfileField(
        "founded", "Founded",
        form=FormField(Step.MEMBERS, Kind.WHOLE, "Founded in", help="The year.", example="2009", order=30),
        headings=("year founded", "foundation year", "year of foundation", "established", "year of establishment", "since",
                  "year"),
        fact=Fact(lambda c: str(c.founded or ""), order=90),
        comparison=ComparisonRow(lambda c: lines(str(c.founded or "")), order=110),
        api=(ApiKey(serializers.IntegerField(allow_null=True, help_text="Year."), in_rows=True, order=100),),
        columns=(Column("founded", "year", column("founded"), order=250),),
        schema_org=Property("foundingDate", lambda c: str(c.founded or ""), order=30),
    ),
    ProfileField(
        "quality_label", "Quality label",
        form=FormField(
            Step.MEMBERS, Kind.CHOICE, nothing="none", help="The label of cluster management excellence.", order=120
        ),
        headings=("label", "ecei label", "cluster label"),
        fact=Fact(html.quality_label, order=100),
        comparison=ComparisonRow(lambda c: lines(c.valid_quality_label), order=120),
        api=(
            ApiKey(
                serializers.ChoiceField(
                    LABELS, allow_null=True, help_text="Label of cluster management excellence, if valid today."
                ),
                columns=("quality_label", "quality_expires_on"), value=_api_label, in_rows=True, order=130,
            ),
            ApiKey(
                QualitySerializer(allow_null=True), "quality", ("quality_label", "quality_expires_on", "quality_evidence"),
                _api_quality, order=300,
            ),
        ),
        columns=(
            Column("quality_label", "valid label: Bronze, Silver, Gold or empty", column("valid_quality_label"), order=260),
            Column(
                "quality_label_until", "last day of the valid label",
                lambda c: c.quality_expires_on if c.valid_quality_label else None, order=270,
            ),
        ),
    ),
    ProfileField(
        "quality_evidence", "Evidence for the label",
        form=FormField(Step.MEMBERS, Kind.URL, help="A page that shows it.", order=130),
        headings=("label evidence",),
    ),
    ProfileField(
        "quality_expires_on", "Label valid until",
        form=FormField(Step.MEMBERS, Kind.DATE, order=140),
        headings=("quality label until", "label until", "label expires on", "label expiry"),
    ),
    ProfileField(
        "confirmed_on", "Confirmed on",
        fact=Fact(
            lambda c: date_format(c.confirmed_on, "j F Y") if c.confirmed_on else "Not confirmed by the cluster yet",
            order=160,
        ),
        comparison=ComparisonRow(lambda c: lines(f"{c.confirmed_on:%-d %B %Y}" if c.confirmed_on else ""), order=170),
        api=(ApiKey(
            serializers.DateField(
                allow_null=True, help_text="When the cluster or staff last said that the profile is right."
            ),
            value=lambda row, links, today: as_iso(row.confirmed_on), in_rows=True, order=150,
        ),),
        columns=(Column("confirmed_on", "when the profile was last confirmed", column("confirmed_on"), order=350),),
    ),
)  # fmt: skip
