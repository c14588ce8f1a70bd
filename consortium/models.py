"""The project, its partners and the pages that staff writes."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django_countries import countries
from simple_history.models import HistoricalRecords


class Project(models.Model):
    """The consortium's project: one row, shown in titles, footers and reports."""

    name = models.CharField(max_length=150, default="Cluster Portal")
    acronym = models.CharField(max_length=40, blank=True)
    tagline = models.CharField(max_length=200, blank=True)
    grant_number = models.CharField(
        max_length=20, blank=True, validators=[RegexValidator(r"^\d{6,12}\Z", "A grant number has 6 to 12 digits.")]
    )
    start_month = models.DateField(null=True, blank=True, help_text="The first day of the project's first month.")
    contact_email = models.EmailField(blank=True, help_text="Shown to the public.")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "project settings"
        verbose_name_plural = "project settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="%(app_label)s_%(class)s_single",
                violation_error_message="There is one project; change its settings instead of adding another.",
            ),
            models.CheckConstraint(
                condition=Q(start_month__isnull=True) | Q(start_month__day=1),
                name="%(app_label)s_%(class)s_starts_on_first",
                violation_error_message="The start month is given by its first day.",
            ),
        ]

    def __str__(self) -> str:
        return self.acronym or self.name

    @classmethod
    def current(cls) -> "Project":
        """Return the project, or one with default values before the first settings were saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Partner(models.Model):
    """An organisation of the consortium."""

    short_name = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=150, blank=True)
    role = models.TextField(blank=True)
    activities = models.TextField(blank=True, help_text="One per line.")
    sender_name = models.CharField(max_length=100, blank=True)
    sender_email = models.EmailField("sender address", blank=True, help_text="Mail of this partner goes out from here.")
    is_coordinator = models.BooleanField(default=False)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="partners")

    history = HistoricalRecords(m2m_fields=[users])

    class Meta:
        ordering = ["short_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_coordinator"],
                condition=Q(is_coordinator=True),
                name="%(app_label)s_%(class)s_one_coordinator",
                violation_error_message="Another partner is the coordinator already.",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


def validate_country_code(value: str) -> None:
    """Raise ``ValidationError`` for what is neither an ISO 3166-1 code in capitals nor EU (pan-European)."""
    if value != "EU" and value not in countries.countries:
        raise ValidationError(f"“{value}” is no ISO country code. Use two capital letters such as DE.", code="country")


class PartnerCountry(models.Model):
    """A country that a partner looks after.

    It is an ISO code and no foreign key: countries live in the catalogue, which this app does not know.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="countries")
    code = models.CharField("country", max_length=2, validators=[validate_country_code])

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "countries looked after"
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "code"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="This partner looks after that country already.",
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z][A-Z]$"), name="%(app_label)s_%(class)s_iso_code"),
        ]

    def __str__(self) -> str:
        return str(countries.name(self.code) or self.code)


class Page(models.Model):
    """A plain page whose text staff writes: about, accessibility, privacy, terms."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    body = models.TextField(help_text="Markdown.")
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["title"]
        constraints = [models.CheckConstraint(condition=~Q(slug=""), name="%(app_label)s_%(class)s_slug_given")]

    def __str__(self) -> str:
        return self.title
