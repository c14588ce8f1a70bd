"""What is known of a cluster beside its profile's fields: further figures, sources, and facts that staff checks."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalogue.models.cluster import Cluster
from catalogue.partial_dates import PARTIAL_DATE, partial_date_text, validate_partial_date


class ClusterFigure(models.Model):
    """A figure or short fact about a cluster that no field of the profile holds, such as the jobs it represents."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="figures")
    label = models.CharField(max_length=100, help_text="What it says, such as “Jobs represented”.")
    value = models.CharField(
        max_length=300,
        help_text="A number, a month such as 2012-10, or short text; several values are separated by semicolons.",
    )
    qualifier = models.CharField(
        max_length=15, choices=Cluster.MembersQualifier, default=Cluster.MembersQualifier.EXACT
    )
    note = models.CharField(max_length=200, blank=True, help_text="What a reader must know with it. Public.")
    as_of = models.CharField(
        "as of", max_length=10, blank=True, validators=[validate_partial_date], help_text="If not that of its source."
    )

    class Meta:
        verbose_name = "further figure"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "label"],
                name="%(app_label)s_%(class)s_unique_label",
                violation_error_message="This cluster has a figure of that name already.",
            ),
            models.CheckConstraint(
                condition=Q(qualifier__in=["exact", "at_least", "approximately"]),
                name="%(app_label)s_%(class)s_qualifier_known",
            ),
            models.CheckConstraint(
                condition=Q(as_of="") | Q(as_of__regex=PARTIAL_DATE), name="%(app_label)s_%(class)s_as_of"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def as_of_text(self) -> str:
        """Of when it is, as it is read; empty if that is the date of its source."""
        return partial_date_text(self.as_of)

    @property
    def text(self) -> str:
        """The value as it is read: "at least 1,000", "October 2012", "Toulouse, Bordeaux and others"."""
        values = [part.strip() for part in self.value.split(";") if part.strip()]
        if len(values) == 1 and values[0].isdigit():
            shown = f"{int(values[0]):,}"
        else:
            shown = ", ".join(partial_date_text(part) for part in values)
        if self.qualifier == Cluster.MembersQualifier.EXACT:
            return shown
        if shown[:1].isdigit():
            return f"{self.get_qualifier_display()} {shown}"
        return f"{shown} and others" if self.qualifier == Cluster.MembersQualifier.AT_LEAST else shown


class FactSource(models.Model):
    """Where the value of a field of a cluster's profile is from, and of when.

    ``field`` is one of ``catalogue.profile.sources.LABELS``; a field without a row has no known source. Written by
    ``catalogue.services.sources`` alone.
    """

    class Origin(models.TextChoices):
        """Who says so."""

        REPORT = "report", "Report"
        TOWN = "town", "The town"
        WEB = "web", "Stored web text"
        CLUSTER = "cluster", "The cluster"
        STAFF = "staff", "Staff"

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="fact_sources")
    field = models.CharField(max_length=40)
    origin = models.CharField(max_length=10, choices=Origin)
    label = models.CharField(max_length=120, help_text="As readers see it: “report D4.5”.")
    as_of = models.CharField("as of", max_length=10, blank=True, validators=[validate_partial_date])

    class Meta:
        ordering = ["cluster", "field"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "field"], name="%(app_label)s_%(class)s_unique_field"),
            models.CheckConstraint(
                condition=Q(origin__in=["report", "town", "web", "cluster", "staff"]),
                name="%(app_label)s_%(class)s_origin_known",
            ),
            models.CheckConstraint(condition=~Q(field="") & ~Q(label=""), name="%(app_label)s_%(class)s_named"),
            models.CheckConstraint(
                condition=Q(as_of="") | Q(as_of__regex=PARTIAL_DATE), name="%(app_label)s_%(class)s_as_of"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.text}"

    @property
    def text(self) -> str:
        """The source as it is read: "report D4.5, June 2019", "from the town"."""
        return f"{self.label}, {partial_date_text(self.as_of)}" if self.as_of else self.label


class FactProposal(models.Model):
    """A fact about a cluster that was found outside the portal and that staff checks; never public itself."""

    class Kind(models.TextChoices):
        """What it is about; the portal can take over a website by itself."""

        WEBSITE = "website", "Website"
        SUCCESSION = "succession", "Renamed, merged or moved on"

    class Confidence(models.TextChoices):
        """How sure its source is."""

        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"

    class Status(models.TextChoices):
        """What staff did about it."""

        OPEN = "open", "Open"
        DONE = "done", "Done"
        DISMISSED = "dismissed", "Dismissed"

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="fact_proposals")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField("fact", max_length=500)
    url = models.URLField("address", blank=True)
    year = models.CharField(max_length=40, blank=True, help_text="Of the evidence or the event, as far as known.")
    evidence = models.CharField(max_length=300)
    confidence = models.CharField(max_length=8, choices=Confidence)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    note = models.TextField("what was done about it", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "fact to check"
        verbose_name_plural = "facts to check"
        ordering = ["cluster__sort_name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "kind", "text"], name="%(app_label)s_%(class)s_unique_text"),
            models.CheckConstraint(
                condition=Q(kind="website") & ~Q(url="") | Q(kind="succession"),
                name="%(app_label)s_%(class)s_kind_known",
                violation_error_message="A website needs its address.",
            ),
            models.CheckConstraint(
                condition=Q(confidence__in=["high", "medium"]), name="%(app_label)s_%(class)s_confidence_known"
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at__isnull=True)
                | Q(status__in=["done", "dismissed"], decided_at__isnull=False),
                name="%(app_label)s_%(class)s_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.text
