"""What search is made of beside clusters: changes of the catalogue, synonyms, towns, and words that found nothing."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from catalogue.fields import BinaryCharField
from catalogue.search.text import sort_key


class CatalogueChange(models.Model):
    """A change of what public answers are made of, written by the triggers of :mod:`catalogue.index.changes`."""

    token = models.BigIntegerField()
    clusters = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(token__gte=0), name="%(app_label)s_%(class)s_token_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.token:x}"


class Synonym(models.Model):
    """A word or phrase that people type, and what it means in a search."""

    class Kind(models.TextChoices):
        """What the word stands for, and how ``means`` says it."""

        COUNTRY = "country", "Country"
        GROUP = "group", "Group of countries, or part of one"
        REGION = "region", "Region"
        TOWN = "town", "Town"
        TERM = "term", "Term of a vocabulary"
        EXPANSION = "expansion", "Other words"
        PASSED_OVER = "passed_over", "Nothing: it is passed over"

    word = models.CharField(max_length=120, help_text="As people type it; case and accents never matter.")
    language = models.CharField(max_length=10, blank=True, help_text="ISO code, such as de; mul or empty for several.")
    kind = models.CharField("stands for", max_length=12, choices=Kind)
    means = models.CharField(
        max_length=250,
        blank=True,
        help_text="Country: DE. Group: DK;NO;SE, or beginnings of NUTS codes: UKC;UKD. Region: its slug. Town: its name. "
        "Term: vertical:health. Other words: artificial intelligence.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["word", "language", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(word=""), name="%(app_label)s_%(class)s_word_given"),
            models.CheckConstraint(
                condition=Q(kind="passed_over", means="") | (~Q(kind="passed_over") & ~Q(means="")),
                name="%(app_label)s_%(class)s_meaning_given",
                violation_error_message="Say what the word means; only a word that is passed over means nothing.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["country", "group", "region", "town", "term", "expansion", "passed_over"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
            models.UniqueConstraint(
                fields=["word", "language", "kind", "means"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message="This synonym exists already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word} → {self.means or 'passed over'}"

    def clean(self) -> None:
        """Check that what the word means exists. Raises ``ValidationError``."""
        from catalogue.models import Country, Region, Term

        if not sort_key(self.word):
            raise ValidationError({"word": "It has neither letter nor digit, so nobody can search for it."})
        parts = [part.strip() for part in self.means.split(";") if part.strip()]
        problem = ""
        if self.kind == self.Kind.EXPANSION and not sort_key(self.means):
            problem = "It has neither letter nor digit, so nothing can be looked for. Give the words."
        elif self.kind == self.Kind.COUNTRY and not Country.objects.filter(code=self.means).exists():
            problem = f"“{self.means}” is no country of the catalogue. Give its two-letter code."
        elif self.kind == self.Kind.GROUP:
            codes = set(Country.objects.filter(code__in=parts).values_list("code", flat=True))
            wrong = [part for part in parts if part not in codes and not (len(part) > 2 and part.isalnum())]
            if codes and len(codes) < len(parts):
                wrong = wrong or parts  # either countries or parts of one
            if wrong or not parts:
                problem = f"“{'; '.join(wrong)}” is neither a country code nor the beginning of a NUTS code."
        elif self.kind == self.Kind.REGION and not Region.objects.filter(slug=self.means).exists():
            problem = f"“{self.means}” is no region of the catalogue. Give its slug."
        elif self.kind == self.Kind.TERM:
            vocabulary, _colon, slug = self.means.partition(":")
            if not Term.objects.filter(vocabulary=vocabulary, slug=slug).exists():
                problem = f"“{self.means}” is no term. Give vocabulary and slug, such as vertical:health."
        if problem:
            raise ValidationError({"means": problem})


class Town(models.Model):
    """A town of GeoNames, so that "near Copenhagen" has a place even where no cluster is."""

    geonames_id = models.PositiveIntegerField(primary_key=True)
    name = models.CharField(max_length=120)
    country_code = models.CharField(max_length=2)
    latitude = models.FloatField()
    longitude = models.FloatField()
    population = models.PositiveIntegerField()

    class Meta:
        ordering = ["-population", "geonames_id"]

    def __str__(self) -> str:
        return self.name


class TownName(models.Model):
    """A name of a town as :func:`catalogue.search.text.sort_key` folds it."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE, related_name="names")
    folded = BinaryCharField(max_length=120, db_index=True)

    class Meta:
        ordering = ["folded", "pk"]

    def __str__(self) -> str:
        return self.folded


class UnansweredWord(models.Model):
    """How often a word was part of a search that found nothing on one day: work for synonyms, about nobody."""

    word = BinaryCharField(max_length=60)
    day = models.DateField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-day", "word"]
        constraints = [
            models.UniqueConstraint(fields=["word", "day"], name="%(app_label)s_%(class)s_once_a_day"),
            models.CheckConstraint(condition=~Q(word=""), name="%(app_label)s_%(class)s_word_given"),
        ]

    def __str__(self) -> str:
        return self.word
