"""How countries, regions, terms, clusters, networks and priority rules of the data files get into the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from catalogue.loading import files
from catalogue.loading.sources import LoadedSources, of_related
from catalogue.loading.synonyms import load_synonyms, load_towns
from catalogue.locking import lock_clusters
from catalogue.models import (
    Cluster,
    ClusterFigure,
    Country,
    FactProposal,
    Network,
    OldSlug,
    PriorityRule,
    Region,
    ShowcaseItem,
    Term,
)
from catalogue.services.clusters import publish_clusters, publishing_blockers
from consortium.models import Partner
from loading.fields import Collected, Field, Key, Reference, References
from loading.registry import Kind, primary_keys_by, register, register_import
from loading.report import Difference, Report


def register_loading() -> None:
    """Make the kinds of the catalogue known; safe to repeat."""
    register("countries", country_kind)
    register("regions", region_kind)
    register("terms", term_kind)
    register("clusters", cluster_kind)
    register("showcase", showcase_kind)
    register("figures", figure_kind)
    register("facts to check", fact_proposal_kind)
    register("networks", network_kind)
    register("priority rules", rule_kind)
    register_import("synonyms", load_synonyms)
    register_import("towns", load_towns)


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


def _about_clusters(model: type[Model], *names: str) -> Callable[[Iterable[Key]], dict[Key, Any]]:
    """Return the look-up of rows about a cluster by its slug and the columns ``names``."""

    def find(keys: Iterable[Key]) -> dict[Key, Any]:
        wanted = set(keys)
        slugs = {pk: slug for slug, pk in _clusters_by_slug(key.partition("/")[0] for key in wanted).items()}
        rows = model._default_manager.filter(cluster__in=slugs).values_list("cluster", "pk", *names)
        return {key: pk for about, pk, *parts in rows if (key := files.key_about(slugs[about], *parts)) in wanted}

    return find


def _may_publish(cluster: Cluster, present: Any, wanted: Any) -> bool:
    """Return whether loading may publish ``cluster``.

    Not if staff took away its summary. And a cluster leaves the catalogue by staff's decision, never
    because a file says so.
    """
    is_step = (present, wanted) == (Cluster.Status.IDENTIFIED, Cluster.Status.PUBLISHED)
    return is_step and not publishing_blockers(cluster)


def term_key(term: Term) -> Key:
    """Return the key of a term in the files."""
    return f"{term.vocabulary}/{term.slug}"


@dataclass(frozen=True)
class TermReferences(References):
    """Terms, whose slug alone is no key: two vocabularies may have the same."""

    def read(self, item: Any, directory: Any) -> Any:
        """Return the sorted keys of the related terms."""
        return sorted(directory.key_of(term, term_key(term)) for term in self._related(item) if self.only(term))


def country_kind() -> Kind:
    """Return how countries are loaded."""
    fields = [
        Field("name"),
        Field("other_names"),
        Field("h2020_contribution", "h2020_contribution_eur"),
        Field("h2020_participations"),
    ]
    return Kind(
        "countries", Country, fields, Country.objects.all, primary_keys_by(Country, "code"), files.read_countries
    )


def region_kind() -> Kind:
    """Return how regions are loaded."""
    fields = [
        Reference("country", "country_code", model=Country, natural="code"),
        Field("name"),
        Field("local_name"),
        Field("nuts"),
        Field("source_spelling"),
        Field("other_names"),
    ]
    rows = lambda: Region.objects.select_related("country")  # noqa: E731
    by_key = primary_keys_by(Region, "slug")
    return Kind("regions", Region, fields, rows, by_key, files.read_regions, after=("countries",))


def term_kind() -> Kind:
    """Return how the entries of vocabularies are loaded."""
    fields = [Field("name"), Field("other_names")]
    return Kind("terms", Term, fields, Term.objects.all, _terms_by_key, files.read_terms)


def cluster_kind() -> Kind:
    """Return how clusters are loaded.

    Those that the file publishes, and those that change their place in the list of loyal clusters, are
    collected and written for all together.

    Region and country are overwritten or left together, and so are the parts of the place and of the number
    of members: half of staff's and half of the file's would contradict each other.
    """
    to_publish: list[Cluster] = []
    positions: list[tuple[Cluster, int | None]] = []
    sources = LoadedSources()

    def finish(report: Report) -> None:
        _give_positions(positions, report)
        publish_clusters(clusters=to_publish)
        sources.write(report)

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
        Field("description"),
        Field("benefits"),
        References("target_markets", model=Country, natural="code"),
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
            save=lambda cluster, terms: cluster.terms.set(terms),
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
    rows = lambda: Cluster.objects.select_related("country", "region", "partner").prefetch_related(  # noqa: E731
        "terms", "target_markets"
    )
    return Kind(
        "clusters", Cluster, fields, rows, _clusters_by_slug, files.read_clusters,
        after=("countries", "regions", "terms", "partners"),
        # The files have an order of their own, and a country's name goes into the words of clusters.
        loaded=sources.of_cluster, lock=lock_clusters, finish=finish,
    )  # fmt: skip


def showcase_kind() -> Kind:
    """Return how showcase items are loaded."""
    fields = [
        Reference("cluster", "slug", model=Cluster),
        Field("kind"),
        Field("date"),
        Field("url", "link"),
        Field("note"),
    ]
    rows = lambda: ShowcaseItem.objects.select_related("cluster")  # noqa: E731
    by_key, sources = _about_clusters(ShowcaseItem, "kind", "title"), LoadedSources()
    return Kind(
        "showcase", ShowcaseItem, fields, rows, by_key, files.read_showcase,
        after=("clusters",), loaded=of_related(sources, "showcase_items"), finish=sources.write,
    )  # fmt: skip


def figure_kind() -> Kind:
    """Return how further figures are loaded."""
    fields = [
        Reference("cluster", "slug", model=Cluster),
        Field("value", group="value"),
        Field("qualifier", group="value"),
        Field("note"),
        Field("as_of"),
    ]
    rows = lambda: ClusterFigure.objects.select_related("cluster")  # noqa: E731
    by_key, sources = _about_clusters(ClusterFigure, "label"), LoadedSources()
    return Kind(
        "figures", ClusterFigure, fields, rows, by_key, files.read_figures,
        after=("clusters",), loaded=of_related(sources, "figures"), finish=sources.write,
    )  # fmt: skip


def fact_proposal_kind() -> Kind:
    """Return how facts that staff checks are loaded; what staff did about them is not among the fields."""
    fields = [
        Reference("cluster", "slug", model=Cluster),
        Field("kind"),
        Field("url", "website"),
        Field("year"),
        Field("evidence"),
        Field("confidence"),
    ]
    rows = lambda: FactProposal.objects.select_related("cluster")  # noqa: E731
    by_key = _about_clusters(FactProposal, "kind", "text")
    return Kind("facts to check", FactProposal, fields, rows, by_key, files.read_facts_to_check, after=("clusters",))


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
    sources = LoadedSources()
    return Kind(
        "networks", Network, fields, rows, primary_keys_by(Network, "slug"), files.read_networks, after=("clusters",),
        loaded=lambda network, *_: sources.of_rows(network.clusters.values_list("pk", flat=True), "networks"),
        finish=sources.write,
    )  # fmt: skip


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
    by_key = primary_keys_by(PriorityRule, "kind")
    return Kind("priority rules", PriorityRule, fields, rows, by_key, files.read_rules, after=("terms", "countries"))


def _give_positions(positions: list[tuple[Cluster, int | None]], report: Report) -> None:
    """Put clusters on their places in the list of loyal ones; where staff put another one, they keep the place they have.

    A place that is kept may in turn be one that the file gives to another cluster.
    """
    held = Cluster.objects.filter(loyal_position__isnull=False).exclude(pk__in=[item.pk for item, _place in positions])
    taken = set(held.values_list("loyal_position", flat=True))
    while refused := [(cluster, place) for cluster, place in positions if place in taken]:
        for cluster, place in refused:
            report.differences.append(Difference(f"clusters {cluster.slug}", "loyal", cluster.loyal_position, place))
        taken |= {cluster.loyal_position for cluster, _place in refused} - {None}
        positions = [pair for pair in positions if pair not in refused]
    # Off the old places first: no two clusters may have the same one, not even for a moment.
    Cluster.objects.filter(pk__in=[cluster.pk for cluster, _place in positions]).update(loyal_position=None)
    for cluster, place in positions:
        cluster.loyal_position = place
        cluster.save(update_fields=["loyal_position"])
