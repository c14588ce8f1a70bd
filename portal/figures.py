"""Figures of the home page, straight from the database."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster, Country, Network, Term
from submissions.models import Submission


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart that is also a list of links."""

    label: str
    url: str
    count: int
    percent: int  # of the longest bar


@dataclass(frozen=True)
class ServiceFigure:
    """A figure of the service as text, with the list behind it; ``url`` is empty if there is none."""

    value: str
    label: str
    note: str
    url: str = ""


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


def service_figures() -> list[ServiceFigure]:
    """Return how fresh the catalogue is and how quick its reviewers are, in two queries.

    Nothing before the first published profile was confirmed: a list of zeros says nothing to visitors.
    """
    today = timezone.localdate()
    year_ago = today - timedelta(days=365)
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    counts = Cluster.objects.published().aggregate(
        all=Count("pk"),
        confirmed=Count("confirmed_on"),
        recent=Count("pk", filter=Q(confirmed_on__gte=year_ago)),
        quarter=Count("pk", filter=Q(confirmed_on__gte=quarter)),
    )
    if not counts["confirmed"]:
        return []
    return [
        _share(counts["recent"], counts["all"], _confirmed_since(year_ago)),
        _review_time(),
        ServiceFigure(
            f"{counts['quarter']:,}", "profiles confirmed this quarter", f"since {quarter.day} {quarter:%B %Y}",
            _confirmed_since(quarter) if counts["quarter"] else "",
        ),
    ]  # fmt: skip


def _confirmed_since(day: date) -> str:
    """Return the address of the list that a figure counts."""
    return f"{reverse('catalogue:cluster_list')}?confirmed_since={day}&sort=-confirmed"


def _share(recent: int, all_: int, url: str) -> ServiceFigure:
    label = "of the profiles confirmed within 12 months"
    # Rounded down: 99.6% is not all of them.
    return ServiceFigure(f"{100 * recent // all_}%", label, f"{recent:,} of {all_:,}", url if recent else "")


def _review_time() -> ServiceFigure:
    """Return the median of the days from the queue to the decision; spreadsheets of staff do not count."""
    since = timezone.now() - timedelta(days=365)
    rows = Submission.objects.decided().filter(decided_at__gte=since).exclude(channel=Submission.Channel.IMPORT)
    spans = [(end - start).total_seconds() / 86400 for start, end in rows.values_list("confirmed_at", "decided_at")]
    label = "usual time of a review"
    if not spans:
        return ServiceFigure("–", label, "no reviews yet")
    days = median(spans)
    value = "under a day" if days < 1 else f"{days:.0f} day{'' if round(days) == 1 else 's'}"
    return ServiceFigure(value, label, f"median of {len(spans):,} review{'' if len(spans) == 1 else 's'} in 12 months")


def _bars(rows: list[tuple[str, str, int]]) -> list[Bar]:
    longest = max((count for _label, _url, count in rows), default=1)
    return [Bar(label, url, count, round(100 * count / longest)) for label, url, count in rows]
