"""The cluster itself."""

import uuid
from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator, MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from simple_history.models import HistoricalRecords

from catalogue.fields import BinaryCharField
from catalogue.managers import ClusterQuerySet
from catalogue.models.geography import Country, Region
from catalogue.models.lookup import OldSlug
from catalogue.models.vocabulary import Term
from catalogue.search.text import fold, sort_key, tidy
from catalogue.validators import (
    RESERVED_SLUGS,
    validate_logo,
    validate_not_in_future,
    validate_slug_not_reserved,
    validate_visible,
    validate_year_founded,
)
from outbox.addresses import validate_mailbox

#: What people write.
_TEXTS = (
    "name", "acronym", "former_names", "place", "place_local_name", "summary", "description", "benefits", "phone",
    "priority_reason", "found_via", "note",
)  # fmt: skip


class Cluster(models.Model):
    """An organisation that gathers the companies, universities and public bodies of a region and field."""

    class Status(models.TextChoices):
        """Only published clusters are public."""

        IDENTIFIED = "identified", "Identified"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    class Precision(models.TextChoices):
        """How well the place is known."""

        SEAT = "seat", "Town of its office"
        REGION = "region", "Main town of its region"
        COUNTRY = "country", "Only the country is known"

    class MembersQualifier(models.TextChoices):
        """What the number of members means."""

        EXACT = "exact", "exactly"
        AT_LEAST = "at_least", "at least"
        APPROXIMATELY = "approximately", "approximately"

    class QualityLabel(models.TextChoices):
        """The label of cluster management excellence."""

        NONE = "none", "None"
        BRONZE = "bronze", "Bronze"
        SILVER = "silver", "Silver"
        GOLD = "gold", "Gold"

    # Who it is
    public_id = models.UUIDField("public id", unique=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(
        max_length=120, unique=True, validators=[validate_slug_not_reserved],
        help_text="The address of the profile. After a change the old address leads to the new one.",
    )  # fmt: skip
    name = models.CharField(max_length=200, validators=[validate_visible])
    acronym = models.CharField(max_length=40, blank=True)
    former_names = models.TextField(blank=True, help_text="One per line.")
    status = models.CharField(max_length=12, choices=Status, default=Status.IDENTIFIED, editable=False)
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors",
        help_text="The cluster that goes on with this one's work. An archived profile leads there.",
    )  # fmt: skip
    founded = models.PositiveSmallIntegerField("founded in", null=True, blank=True, validators=[validate_year_founded])
    logo = models.ImageField(
        upload_to="logos/", blank=True, validators=[FileExtensionValidator(["png", "jpg", "jpeg", "webp"]), validate_logo],
        help_text="PNG, JPEG or WebP, at most 1 MB and 2000 pixels on each side.",
    )  # fmt: skip

    # Where it is
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="clusters")
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="clusters")
    place = models.CharField(max_length=120, blank=True)
    place_local_name = models.CharField(
        "place in its own language",
        max_length=120,
        blank=True,
        help_text="If it differs: München for Munich.",
    )
    latitude = models.DecimalField(
        max_digits=7, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text="Degrees north (WGS 84).",
    )  # fmt: skip
    longitude = models.DecimalField(
        max_digits=7, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text="Degrees east (WGS 84).",
    )  # fmt: skip
    precision = models.CharField("precision of the place", max_length=10, choices=Precision, blank=True)

    # What it does
    summary = models.TextField(blank=True, max_length=600, help_text="Two or three sentences for lists.")
    description = models.TextField(blank=True, help_text="Markdown.")
    benefits = models.TextField("benefits for members", blank=True, help_text="Markdown.")
    terms = models.ManyToManyField(Term, blank=True, related_name="clusters")
    core_cybersecurity = models.BooleanField("core activity is cybersecurity", default=False)
    target_markets = models.ManyToManyField(Country, blank=True, related_name="targeting_clusters")

    # How to reach it
    website = models.URLField(blank=True)
    email = models.EmailField("public e-mail", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField(
        "e-mail for messages", blank=True, validators=[validate_mailbox],
        help_text="Shown nowhere. Where there is no public e-mail, visitors write to it through the portal.",
    )  # fmt: skip

    # Members and staff
    members = models.PositiveIntegerField(null=True, blank=True)
    members_qualifier = models.CharField(max_length=15, choices=MembersQualifier, blank=True)
    members_as_of = models.DateField("members as of", null=True, blank=True)
    members_sme = models.PositiveIntegerField("SMEs", null=True, blank=True)
    members_large = models.PositiveIntegerField("large firms", null=True, blank=True)
    members_research = models.PositiveIntegerField("research organisations", null=True, blank=True)
    members_public = models.PositiveIntegerField("public bodies", null=True, blank=True)
    staff = models.DecimalField(
        max_digits=6, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text="Full-time equivalents of its own team.",
    )  # fmt: skip

    # Quality
    quality_label = models.CharField(max_length=10, choices=QualityLabel, default=QualityLabel.NONE)
    quality_evidence = models.URLField("evidence for the label", blank=True)
    quality_expires_on = models.DateField("label valid until", null=True, blank=True)
    confirmed_on = models.DateField(
        validators=[validate_not_in_future],
        null=True,
        blank=True,
        help_text="When the cluster or staff last said that the profile is right.",
    )

    # What the consortium thinks of it
    is_priority = models.BooleanField("priority", default=False, help_text="Staff's decision; the rules only explain.")
    priority_reason = models.TextField("reason for the decision", blank=True)
    is_collaborator = models.BooleanField(
        "collaborator", default=False, help_text="It already takes an active part in the project."
    )
    loyal_position = models.PositiveSmallIntegerField(
        null=True, blank=True, unique=True, validators=[MinValueValidator(1)],
        help_text="Place in the ordered list of the closest collaborators.",
    )  # fmt: skip
    partner = models.OneToOneField(
        "consortium.Partner", null=True, blank=True, on_delete=models.SET_NULL, related_name="cluster",
        help_text="If the cluster is itself a partner of the consortium.",
    )  # fmt: skip
    found_via = models.CharField("how it was found", max_length=200, blank=True)
    found_on = models.DateField("when it was found", null=True, blank=True)
    note = models.TextField(blank=True, help_text="For staff only.")

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField("first published", null=True, blank=True, editable=False)

    sort_name = BinaryCharField(max_length=200, editable=False, default="")

    history = HistoricalRecords(
        excluded_fields=["sort_name", "created_at", "updated_at"], m2m_fields=[terms, target_markets]
    )
    links = GenericRelation("publicforms.LinkToken")
    objects = ClusterQuerySet.as_manager()

    class Meta:
        ordering = ["sort_name", "slug"]
        indexes = [
            models.Index(fields=["status", "sort_name", "slug"], name="cluster_listing"),
            models.Index(fields=["status", "country", "sort_name"], name="cluster_by_country"),
            models.Index(fields=["status", "members"], name="cluster_by_members"),
            models.Index(fields=["status", "country", "region", "is_priority", "id"], name="cluster_facets"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["identified", "published", "archived"]),
                name="%(app_label)s_%(class)s_status_known",
            ),
            models.CheckConstraint(condition=~Q(slug="") & ~Q(name=""), name="%(app_label)s_%(class)s_named"),
            models.CheckConstraint(
                condition=~Q(successor=F("pk")),
                name="%(app_label)s_%(class)s_own_successor",
                violation_error_message="A cluster cannot be its own successor.",
            ),
            models.CheckConstraint(
                # Each comparison with a missing number is unknown, and the database lets the unknown pass.
                condition=Q(latitude__isnull=True, longitude__isnull=True, precision="")
                | (
                    Q(
                        latitude__isnull=False,
                        longitude__isnull=False,
                        latitude__range=(-90, 90),
                        longitude__range=(-180, 180),
                    )
                    & ~Q(precision="")
                ),
                name="%(app_label)s_%(class)s_coordinates",
                violation_error_message="Latitude, longitude and precision go together: give all three or none.",
            ),
            models.CheckConstraint(
                condition=Q(precision__in=["", "seat", "region", "country"]),
                name="%(app_label)s_%(class)s_precision_known",
            ),
            models.CheckConstraint(
                condition=Q(members__isnull=True, members_qualifier="")
                | Q(members__isnull=False, members_qualifier__in=["exact", "at_least", "approximately"]),
                name="%(app_label)s_%(class)s_members_qualified",
                violation_error_message="A number of members needs its qualifier (exactly, at least, approximately), and the reverse.",
            ),
            models.CheckConstraint(
                condition=~Q(members_qualifier="exact")
                | Q(
                    members__gte=Coalesce(F("members_sme"), 0)
                    + Coalesce(F("members_large"), 0)
                    + Coalesce(F("members_research"), 0)
                    + Coalesce(F("members_public"), 0)
                ),
                name="%(app_label)s_%(class)s_members_split",
                violation_error_message="SMEs, large firms, research and public bodies together are more than all members.",
            ),
            models.CheckConstraint(
                condition=Q(founded__isnull=True) | Q(founded__gte=1800, founded__lte=2200),
                name="%(app_label)s_%(class)s_founded_plausible",
            ),
            models.CheckConstraint(
                condition=Q(staff__isnull=True) | Q(staff__gte=0),
                name="%(app_label)s_%(class)s_staff_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(quality_label="none", quality_expires_on__isnull=True)
                | Q(quality_label__in=["bronze", "silver", "gold"], quality_expires_on__isnull=False)
                & ~Q(quality_evidence=""),
                name="%(app_label)s_%(class)s_label_evidence",
                violation_error_message="A quality label needs its evidence and the date until which it is valid.",
            ),
            models.CheckConstraint(
                condition=Q(loyal_position__isnull=True) | Q(loyal_position__gte=1),
                name="%(app_label)s_%(class)s_loyal_from_one",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | (~Q(summary="") & Q(published_at__isnull=False)),
                name="%(app_label)s_%(class)s_publishable",
                violation_error_message="A published cluster needs a summary.",
            ),
        ]
        permissions = [("publish_cluster", "Can publish and archive clusters")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the cluster with what follows from its fields: slug, old address, sort key."""
        self._tidy()
        if not self.slug:
            self.slug = self.free_slug()
        self.sort_name = sort_key(self.name)
        self.updated_at = timezone.now()  # assigned, so that it is stored where it was deferred too
        update_fields = kwargs.get("update_fields")
        if update_fields is not None:
            update_fields = {*update_fields, "sort_name", "updated_at"}
            kwargs["update_fields"] = update_fields
        with transaction.atomic():
            # The row says which address it had: this copy may be partial, or older than another's change.
            stored = self._stored_slug() if update_fields is None or "slug" in update_fields else None
            super().save(*args, **kwargs)
            if stored and stored != self.slug:
                # A slug may return to the cluster that had it before.
                OldSlug.objects.filter(slug=self.slug, cluster=self).delete()
                OldSlug.objects.update_or_create(slug=stored, defaults={"cluster": self})

    def get_absolute_url(self) -> str:
        """Return the address of the public profile."""
        return reverse("catalogue:cluster_detail", args=[self.slug])

    @property
    def about(self) -> str:
        """How mails refer to it."""
        return f"catalogue.cluster:{self.public_id}"

    def clean(self) -> None:
        """Check what no constraint of one table can.

        Raises ``ValidationError`` for a region of another country, a slug that was another cluster's
        address, and a chain of successors that comes back to this cluster.
        """
        if self.region and self.country_id and self.region.country_id != self.country_id:
            raise ValidationError(
                {"region": f"{self.region} is a region of {self.region.country}. Choose a region of this country."}
            )
        if OldSlug.objects.filter(slug=self.slug).exclude(cluster=self.pk).exists():
            raise ValidationError(
                {"slug": "This was the address of another cluster, and leads there still. Choose another."}
            )
        visited, follower = {self.pk}, self.successor
        while follower is not None:
            if follower.pk in visited:
                raise ValidationError({"successor": "The successors go round in a circle."})
            visited.add(follower.pk)
            follower = follower.successor

    def _stored_slug(self) -> str | None:
        """Return the slug in the database, locked until the transaction ends; ``None`` if this is a new cluster."""
        if self.pk is None:
            return None
        rows = Cluster.objects.select_for_update(of=("self",), no_key=True).filter(pk=self.pk)
        return rows.values_list("slug", flat=True).first()

    def _tidy(self) -> None:
        """Let texts be what :func:`~catalogue.search.text.tidy` makes of them: browsers send other line ends."""
        for name in _TEXTS:
            value = self.__dict__.get(name)
            if isinstance(value, str):
                self.__dict__[name] = tidy(value)

    # --- words about it ---

    @property
    def former_name_list(self) -> list[str]:
        """The former names."""
        return [line.strip() for line in self.former_names.splitlines() if line.strip()]

    @property
    def members_text(self) -> str:
        """The number of members with its qualifier, such as "at least 500"; empty if unknown."""
        if self.members is None:
            return ""
        prefix = (
            "" if self.members_qualifier == self.MembersQualifier.EXACT else f"{self.get_members_qualifier_display()} "
        )
        return f"{prefix}{self.members:,}"

    @property
    def place_text(self) -> str:
        """The place as far as it is known, with its own name where that differs; empty for a mere country."""
        if not self.place or self.precision == self.Precision.COUNTRY:
            return ""
        return f"{self.place} ({self.place_local_name})" if self.place_local_name else self.place

    @property
    def takes_messages(self) -> bool:
        """Whether visitors write to it through the portal: an address is known, and none is public."""
        return bool(self.contact_email) and not self.email

    @property
    def valid_quality_label(self) -> str:
        """The name of the quality label today; empty for none and for an expired one."""
        if self.quality_label == self.QualityLabel.NONE or not self.quality_expires_on:
            return ""
        return self.get_quality_label_display() if self.quality_expires_on >= timezone.localdate() else ""

    @property
    def verticals(self) -> list[Term]:
        """Its verticals by name; no query where the terms were fetched with the cluster."""
        return [term for term in self.terms.all() if term.vocabulary == Term.Vocabulary.VERTICAL]

    def free_slug(self) -> str:
        """Return the address that a cluster of this name gets: the next one that no other has or had."""
        base = slugify(fold(self.name))[:110].strip("-") or "cluster"
        slug, number = base, 2
        taken = Cluster.objects.exclude(pk=self.pk)
        while (
            taken.filter(slug=slug).exists()
            or OldSlug.objects.filter(slug=slug).exclude(cluster=self.pk).exists()
            or slug in RESERVED_SLUGS
        ):
            slug, number = f"{base}-{number}", number + 1
        return slug
