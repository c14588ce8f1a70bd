"""The filtered list for programs and other sites: files, feed, frame, and descriptions of them."""

from collections.abc import Iterator
from functools import partial

from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from catalogue.answers import by_version
from catalogue.exports.columns import clusters_of, file_name
from catalogue.exports.feed import ClusterFeed
from catalogue.exports.outputs import FORMATS
from catalogue.exports.writers import csv_lines, geojson_parts, json_parts, write_xlsx
from catalogue.listing.filters import ClusterFilter
from catalogue.models import Cluster, EmbedOrigin
from catalogue.profile.structured_data import dataset_json_ld
from catalogue.search.suggestions import suggest
from consortium.models import Project
from publicforms.decorators import read_only
from spreadsheets.writer import SEPARATORS, file_parts

EMBED_ROWS = 50
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class WrongAddress(Exception):
    """Parameters of an output are wrong; ``errors`` names each with its remedy."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors

    @property
    def response(self) -> HttpResponse:
        """The answer to programs: 400 with the messages by parameter, as in the API."""
        return JsonResponse(self.errors, status=400, json_dumps_params={"ensure_ascii": False})


@read_only
@by_version
def cluster_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give out all clusters of a filter as a file that streams; 400 for a wrong parameter."""
    query = request.GET.copy()
    separator = query.pop("separator", ["comma"])[-1] if kind == "csv" else "comma"
    try:
        filterset = _filterset(query)
        if separator not in SEPARATORS:
            raise WrongAddress({"separator": [f"“{separator[:40]}” is no separator. Use comma, semicolon or tab."]})
    except WrongAddress as wrong:
        return wrong.response
    clusters = clusters_of(filterset.in_order())
    base_url = _base_url(request)
    parts: Iterator[str] | Iterator[bytes]
    if kind == "xlsx":
        parts = file_parts(partial(write_xlsx, clusters=clusters, base_url=base_url, query=filterset.query_string()))
    elif kind == "csv":
        parts = csv_lines(clusters, base_url, SEPARATORS[separator])
    elif kind == "json":
        parts = json_parts(clusters, base_url, filterset.query_string())
    else:
        parts = geojson_parts(clusters, base_url)
    response = StreamingHttpResponse(parts, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{file_name(kind)}"'
    return _open_to_all(response)


@read_only
@by_version
def cluster_feed(request: HttpRequest) -> HttpResponseBase:
    """Give out all clusters of a filter as an Atom feed, the last changed first."""
    try:
        filterset = _filterset(request.GET)
    except WrongAddress as wrong:
        return wrong.response
    newest = filterset.qs.order_by("-updated_at", "pk").values_list("pk", flat=True)
    base_url = _base_url(request)
    query = filterset.query_string()
    project = Project.current()
    feed = ClusterFeed(
        clusters_of(newest),
        base_url=base_url,
        updated=filterset.qs.aggregate(latest=Max("updated_at"))["latest"] or timezone.now(),
        title=f"{project.name}: clusters" + (" of a filter" if query else ""),
        link=base_url + reverse("catalogue:cluster_list") + (f"?{query}" if query else ""),
        feed_url=request.build_absolute_uri(),
    )
    parts = file_parts(partial(feed.write, encoding="utf-8"))
    return _open_to_all(StreamingHttpResponse(parts, content_type="application/atom+xml; charset=utf-8"))


@read_only
def cluster_embed(request: HttpRequest) -> HttpResponse:
    """Show a filtered list for frames on the sites that staff has allowed, and on no other."""
    filterset = ClusterFilter(request.GET, is_lenient=True)
    total = len(filterset.found)
    context = {
        "clusters": filterset.rows(Cluster.objects.published().for_listing(), stop=EMBED_ROWS),
        "total": total,
        "rest": max(0, total - EMBED_ROWS),
        "errors": filterset.errors,
        "list_url": request.build_absolute_uri(reverse("catalogue:cluster_list"))
        + (f"?{filterset.query_string()}" if filterset.query_string() else ""),
    }
    response = render(request, "catalogue/cluster_embed.html", context)
    origins = list(EmbedOrigin.objects.values_list("origin", flat=True))
    if origins:
        # frame-ancestors says it exactly; the older header knows no list and would forbid all.
        response._csp_replace = {"frame-ancestors": origins}  # type: ignore[attr-defined]
        response.xframe_options_exempt = True  # type: ignore[attr-defined]
    return response


@read_only
@by_version
def search_suggestions(request: HttpRequest) -> HttpResponse:
    """Answer a browser's search field: the text, and names that complete it (OpenSearch suggestions)."""
    text = request.GET.get("q", "")
    found = suggest(text)
    base_url = _base_url(request)
    body = [
        text,
        [item.label for item in found],
        [item.kind for item in found],
        [base_url + item.url for item in found],
    ]
    return JsonResponse(body, safe=False, content_type="application/x-suggestions+json")


@read_only
def opensearch(request: HttpRequest) -> HttpResponse:
    """Describe the search, so that browsers can offer it."""
    context = {"base_url": _base_url(request), "project": Project.current()}
    return render(
        request, "opensearch.xml", context, content_type="application/opensearchdescription+xml; charset=utf-8"
    )


@read_only
@by_version
def dataset(request: HttpRequest) -> HttpResponse:
    """Describe the catalogue as a dataset (DCAT in JSON-LD) for data portals."""
    body = dataset_json_ld(
        base_url=_base_url(request),
        project=Project.current(),
        formats=[(kind, label, _TYPES[kind].split(";")[0]) for kind, label, _hint in FORMATS],
        modified=Cluster.objects.published().aggregate(latest=Max("updated_at"))["latest"],
    )
    return _open_to_all(HttpResponse(body, content_type="application/ld+json"))


def _filterset(query: object) -> ClusterFilter:
    filterset = ClusterFilter(query)  # type: ignore[arg-type]
    if filterset.errors:
        raise WrongAddress(filterset.errors)
    return filterset


def _base_url(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _open_to_all(response: HttpResponseBase) -> HttpResponseBase:
    """Let scripts of other sites read it: the data is public and no cookie is looked at."""
    response["Access-Control-Allow-Origin"] = "*"
    return response
