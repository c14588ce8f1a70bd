"""How to reach a cluster. Its profile begins with website, e-mail and phone (``catalogue/_contact.html``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import serializers

from catalogue.api.parts import (
    SocialLinkSerializer,
)
from catalogue.models import SocialLink
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
from catalogue.profile.fields.values import column, column_or_null, lines

if TYPE_CHECKING:
    pass


FIELDS: tuple[ProfileField, ...] = (
    ProfileField(
        "website", "Website",
        form=FormField(
            Step.WHO, Kind.URL, help="Its own page, if possible in English.", example="https://www.photonics.example",
            order=50,
        ),
        headings=("web", "web site", "homepage", "home page", "internet", "web page", "website url"),
        comparison=ComparisonRow(lambda c: lines(c.website), url=lambda c: c.website, order=150),
        api=(ApiKey(serializers.URLField(allow_null=True), value=column_or_null("website"), order=240),),
        columns=(Column("website", "website", column("website"), order=320),),
    ),
    ProfileField(
        "email", "E-mail",
        form=FormField(
            Step.CONTACT, Kind.EMAIL, "Public e-mail", help="Everybody will see it on the profile.",
            example="office@photonics.example", order=10,
        ),
        headings=("e mail", "mail", "contact email", "contact e mail", "e mail address", "email address"),
        comparison=ComparisonRow(lambda c: lines(c.email), url=lambda c: f"mailto:{c.email}", order=160),
        api=(ApiKey(
            serializers.EmailField(allow_null=True, help_text="Public address."), value=column_or_null("email"), order=250
        ),),
        columns=(Column("email", "public e-mail address", column("email"), order=330),),
        schema_org=Property("email", column("email"), order=10),
    ),
    ProfileField(
        "phone", "Phone",
        form=FormField(
            Step.CONTACT, Kind.TEXT, "Public phone", help="With the country's code.", example="+43 1 234567", order=20
        ),
        headings=("telephone", "tel", "telephone number", "phone number", "contact phone"),
        comparison=ComparisonRow(lambda c: lines(c.phone), url=lambda c: f"tel:{c.phone.replace(' ', '')}", order=165),
        api=(ApiKey(serializers.CharField(allow_null=True), value=column_or_null("phone"), order=260),),
        columns=(Column("phone", "phone", column("phone"), order=340),),
        schema_org=Property("telephone", column("phone"), order=20),
    ),
    ProfileField(
        "social_links", "Elsewhere",
        fact=Fact(html.social_links, order=150),
        api=(ApiKey(
            SocialLinkSerializer(many=True), columns=(), order=310,
            value=lambda row, links, today: list(SocialLink.objects.filter(cluster=row.pk).values("kind", "url")),
        ),),
        schema_org=Property("sameAs", lambda c: [link.url for link in c.social_links.all()], order=70),
    ),
)  # fmt: skip
