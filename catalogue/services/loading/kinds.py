"""What the loaded records consist of and how the portal stores them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from catalogue.models import Cluster, Country, Network, OldSlug, PriorityRule, Region, Term
from catalogue.services.clusters import set_terms, what_keeps_unpublished
from consortium.models import Page, Partner, Project
from consortium.services import set_partner_countries
from loading.fields import Collected, Field, Key, Reference, References
from loading.merge import Kind


def _by(model: type[Model], attribute: str) -> Callable[[Iterable[Key]], dict[Key, Any]]:
    """Return the look-up of primary keys by a unique column."""

    def find(keys: Iterable[Key]) -> dict[Key, Any]:
        pairs = model._default_manager.filter(**{f"{attribute}__in": list(keys)}).values_list(attribute, "pk")
        return dict(pairs)

    return find


def _clusters_by_slug(keys: Iterable[Key]) -> dict[Key, Any]:
    """Return the primary keys of clusters by their present or a former slug."""
    wanted = list(keys)
    former = dict(OldSlug.objects.filter(slug__in=wanted).values_list("slug", "cluster"))
    return former | dict(Cluster.objects.filter(slug__in=wanted).values_list("slug", "pk"))


def _terms_by_key(keys: Iterable[Key]) -> dict[Key, Any]:
    """Return the primary keys of terms by "vocabulary/slug"."""
    wanted = set(keys)
    slugs = {key.partition("/")[2] for key in wanted}
    rows = Term.objects.filter(slug__in=slugs).values_list("vocabulary", "slug", "pk")
    return {key: pk for vocabulary, slug, pk in rows if (key := f"{vocabulary}/{slug}") in wanted}


def _may_publish(cluster: Cluster, present: Any, wanted: Any) -> bool:
    """Return whether loading may publish ``cluster``.

    Not if staff took away its summary. And a cluster leaves the catalogue by staff's decision, never
    because a file says so.
    """
    is_step = (present, wanted) == (Cluster.Status.IDENTIFIED, Cluster.Status.PUBLISHED)
    return is_step and not what_keeps_unpublished(cluster)


def term_key(term: Term) -> Key:
    """Return the key of a term in the files."""
    return f"{term.vocabulary}/{term.slug}"


@dataclass(frozen=True)
class TermReferences(References):
    """Terms, whose slug alone is no key: two vocabularies may have the same."""

    def read(self, item: Any, directory: Any) -> Any:
        """Return the sorted keys of the related terms."""
        return sorted(directory.key_of(term, term_key(term)) for term in self._related(item) if self.only(term))


@dataclass(frozen=True)
class CountryCodes(Field):
    """The countries that a partner looks after: rows of their own with an ISO code."""

    is_late = True

    def read(self, item: Any, directory: Any) -> Any:
        """Return the sorted codes."""
        return sorted(country.code for country in item.countries.all())

    def default(self, item: Any, directory: Any) -> Any:
        """Return the empty list."""
        return []

    def write(self, item: Any, value: Any, directory: Any) -> None:
        """Store exactly these codes."""
        set_partner_countries(partner=item, codes=value)


def country_kind() -> Kind:
    """Return how countries are loaded."""
    fields = [
        Field("name"),
        Field("other_names"),
        Field("h2020_contribution", "h2020_contribution_eur"),
        Field("h2020_participations"),
    ]
    return Kind("countries", Country, fields, Country.objects.all, _by(Country, "code"))


def region_kind() -> Kind:
    """Return how regions are loaded."""
    fields = [
        Reference("country", "country_code", model=Country, natural="code"),
        Field("name"),
        Field("source_spelling"),
        Field("other_names"),
    ]
    return Kind("regions", Region, fields, lambda: Region.objects.select_related("country"), _by(Region, "slug"))


def term_kind() -> Kind:
    """Return how the entries of vocabularies are loaded."""
    return Kind("terms", Term, [Field("name"), Field("other_names")], Term.objects.all, _terms_by_key)


def partner_kind() -> Kind:
    """Return how partners are loaded."""
    fields = [
        Field("role"),
        Field("activities"),
        Field("is_coordinator"),
        Field("sender_name"),
        Field("sender_email"),
        CountryCodes("countries"),
    ]
    rows = lambda: Partner.objects.prefetch_related("countries")  # noqa: E731
    return Kind("partners", Partner, fields, rows, _by(Partner, "short_name"))


def cluster_kind(to_publish: list[Cluster], positions: list[tuple[Cluster, int | None]]) -> Kind:
    """Return how clusters are loaded.

    Those that the file publishes are put into ``to_publish``, those that change their place in the list
    of loyal clusters into ``positions`` with the new place; the caller does both for all together.

    Region and country are taken or kept together, and so are the parts of the place and of the number
    of members: half of staff's and half of the file's would contradict each other.
    """
    fields = [
        Field("name"),
        Field("acronym"),
        Field("former_names", "former_name"),
        Reference("country", "country_code", "country", model=Country, natural="code"),
        Reference("region", "region", "country", model=Region),
        Field("place", group="place"),
        Field("place_local_name", "local_name", "place"),
        Field("latitude", group="place"),
        Field("longitude", group="place"),
        Field("precision", group="place"),
        Field("summary"),
        Field("website"),
        Field("founded"),
        Field("members", group="members"),
        Field("members_qualifier", group="members"),
        Field("core_cybersecurity"),
        Field("is_priority", "priority", "priority"),
        Field("priority_reason", "priority", "priority"),
        Field("is_collaborator", "loyal"),
        Reference("partner", "loyal", model=Partner, natural="short_name"),
        Field("found_via", "annex"),
        Field("note"),
        TermReferences(
            "terms",
            "verticals",
            model=Term,
            only=lambda term: term.vocabulary == Term.Vocabulary.VERTICAL,
            save=lambda cluster, terms: set_terms(cluster=cluster, terms=terms),
        ),
        Collected(
            "status",
            "in_catalogue",
            allowed=_may_publish,
            collect=lambda cluster, value: to_publish.append(cluster),
        ),
        # All at once: two clusters may change places.
        Collected("loyal_position", "loyal", collect=lambda cluster, value: positions.append((cluster, value))),
    ]
    rows = lambda: Cluster.objects.select_related("country", "region", "partner").prefetch_related("terms")  # noqa: E731
    return Kind("clusters", Cluster, fields, rows, _clusters_by_slug)


def network_kind() -> Kind:
    """Return how networks are loaded."""
    fields = [
        Field("name"),
        Field("description"),
        Field("stated_members"),
        Reference("facilitator", model=Cluster),
        Field("note"),
        References("clusters", model=Cluster),
    ]
    rows = lambda: Network.objects.select_related("facilitator").prefetch_related("clusters")  # noqa: E731
    return Kind("networks", Network, fields, rows, _by(Network, "slug"))


def rule_kind() -> Kind:
    """Return how the rules for priority are loaded."""
    fields = [
        Field("description"),
        Field("rationale"),
        Field("more_than_members"),
        TermReferences("terms", model=Term),
        References("countries", model=Country, natural="code"),
    ]
    rows = lambda: PriorityRule.objects.prefetch_related("terms", "countries")  # noqa: E731
    return Kind("priority rules", PriorityRule, fields, rows, _by(PriorityRule, "kind"))


def page_kind() -> Kind:
    """Return how the plain pages are loaded."""
    return Kind("pages", Page, [Field("title"), Field("body")], Page.objects.all, _by(Page, "slug"))


def project_kind() -> Kind:
    """Return how the project's settings are loaded: one record with the key "1"."""
    names = ["name", "acronym", "tagline", "grant_number", "start_month", "contact_email"]
    by_key = lambda keys: {key: 1 for key in keys if Project.objects.filter(pk=1).exists()}  # noqa: E731
    return Kind("project", Project, [Field(name) for name in names], Project.objects.all, by_key)
