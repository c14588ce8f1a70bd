"""Countries and regions."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from catalogue.managers import CountryQuerySet, RegionQuerySet
from catalogue.models.naming import SortedByName

#: Level 1 or 2 of the NUTS classification, one or several. Its codes begin with EL for Greece and UK for the
#: United Kingdom, unlike those of countries.
NUTS_CODES = r"^[A-Z]{2}[0-9A-Z]{1,2}(;[A-Z]{2}[0-9A-Z]{1,2})*$"


class Country(SortedByName):
    """A country, or the whole of Europe for organisations that belong to none (code ``EU``)."""

    code = models.CharField(
        "ISO code",
        primary_key=True,
        max_length=2,
        validators=[
            RegexValidator(r"^[A-Z]{2}\Z", "Two capital letters of ISO 3166-1, such as DE; EU for pan-European.")
        ],
    )
    name = models.CharField(max_length=80, unique=True)
    other_names = models.CharField(
        max_length=250, blank=True, help_text="Other names that people search for, separated by semicolons."
    )
    h2020_contribution = models.PositiveBigIntegerField(
        "H2020 contribution (EUR)", null=True, blank=True, help_text="Net EU contribution in whole euros."
    )
    h2020_participations = models.PositiveIntegerField("H2020 participations", null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["sort_name"])
    objects = CountryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "countries"
        ordering = ["sort_name", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z][A-Z]$"), name="%(app_label)s_%(class)s_iso_code"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the list of this country's clusters."""
        return f"{reverse('catalogue:cluster_list')}?country={self.code}"


class Region(SortedByName):
    """A region of a country: of the NUTS classification, or as a source names it.

    Regions of several levels are side by side (Bavaria and Upper Bavaria), and some are no administrative ones.
    """

    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="regions")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True, help_text="Used in the address of filtered lists.")
    local_name = models.CharField(
        "name in its own language", max_length=120, blank=True, help_text="If it differs: Bayern for Bavaria."
    )
    nuts = models.CharField(
        "NUTS code",
        max_length=30,
        blank=True,
        validators=[RegexValidator(NUTS_CODES, "A code such as DE2 or DE21; several are separated by semicolons.")],
        help_text="Of the region itself; of a smaller one the code of the region around it, of a combined one those of "
        "its parts, separated by semicolons.",
    )
    source_spelling = models.CharField(
        max_length=250,
        blank=True,
        help_text="How the source document spells it; several spellings separated by semicolons.",
    )
    other_names = models.CharField(
        max_length=250,
        blank=True,
        help_text="Names in other languages that people search for, separated by semicolons.",
    )

    history = HistoricalRecords(excluded_fields=["sort_name"])
    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["sort_name", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "name"],
                name="%(app_label)s_%(class)s_unique_name",
                violation_error_message="This country has a region of that name already.",
            ),
            models.CheckConstraint(condition=~Q(slug=""), name="%(app_label)s_%(class)s_slug_given"),
            models.CheckConstraint(
                condition=Q(nuts="") | Q(nuts__regex=NUTS_CODES), name="%(app_label)s_%(class)s_nuts_codes"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the list of this region's clusters."""
        return f"{reverse('catalogue:cluster_list')}?region={self.slug}"
