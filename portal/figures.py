"""Figures of the home page, straight from the database."""

from dataclasses import dataclass

from django.db.models import Count, Q

from catalogue.models import Cluster, Country, Network, Term


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart that is also a list of links."""

    label: str
    url: str
    count: int
    percent: int  # of the longest bar


@dataclass(frozen=True)
class HomeFigures:
    """What the home page counts; published clusters only."""

    clusters: int
    countries: int
    verticals: int
    priority: int
    networks: int
    by_country: list[Bar]
    by_vertical: list[Bar]
    newest: list[Cluster]


def home_figures() -> HomeFigures:
    """Return the figures in five queries."""
    published = Cluster.objects.published()
    totals = published.aggregate(
        clusters=Count("pk"),
        countries=Count("country", distinct=True),
        priority=Count("pk", filter=Q(is_priority=True)),
    )
    countries = [
        (country.name, country.get_absolute_url(), country.cluster_count)
        for country in Country.objects.with_published_clusters().order_by("-cluster_count", "sort_name")
    ]
    verticals = [
        (term.name, term.get_absolute_url(), term.cluster_count)
        for term in Term.objects.filter(vocabulary=Term.Vocabulary.VERTICAL)
        .annotate(cluster_count=Count("clusters", filter=Q(clusters__status="published")))
        .filter(cluster_count__gt=0)
        .order_by("-cluster_count", "sort_name")
    ]
    return HomeFigures(
        **totals,
        verticals=len(verticals),
        networks=Network.objects.count(),
        by_country=_bars(countries),
        by_vertical=_bars(verticals),
        newest=list(
            published.confirmed_recently().select_related("country").order_by("-confirmed_on", "sort_name")[:4]
        ),
    )


def _bars(rows: list[tuple[str, str, int]]) -> list[Bar]:
    longest = max((count for _label, _url, count in rows), default=1)
    return [Bar(label, url, count, round(100 * count / longest)) for label, url, count in rows]
