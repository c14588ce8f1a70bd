"""Public pages of the catalogue."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from catalogue.answers import by_version
from catalogue.listing.page import ClusterListing
from catalogue.map.place_map import PlaceMap
from catalogue.models import Cluster, Network
from catalogue.profile.comparison import Comparison
from catalogue.profile.facts import facts
from catalogue.profile.similar import similar_clusters
from catalogue.profile.sources import source_blocks
from catalogue.profile.structured_data import cluster_json_ld
from catalogue.search.suggestions import suggest
from catalogue.search.unanswered import count_unanswered
from catalogue.succession import cluster_behind, public_cluster
from publicforms.decorators import read_only


@read_only
@by_version
def cluster_list(request: HttpRequest) -> HttpResponse:
    """Show the clusters that the address asks for as cards or a table."""
    return _listing(request, ClusterListing(request.GET))


@read_only
@by_version
def cluster_map(request: HttpRequest) -> HttpResponse:
    """Show the clusters that the address asks for as a map and a table of countries and regions."""
    return _listing(request, ClusterListing(request.GET, is_map=True))


def _listing(request: HttpRequest, listing: ClusterListing) -> HttpResponse:
    """Show a listing; htmx gets only the part that changes."""
    is_fragment = getattr(request, "htmx", None) and request.htmx.target == "results"
    is_typing = is_fragment and request.htmx.trigger == "q"
    is_unanswered = not listing.total and listing.filterset.interpretation is not None
    if is_unanswered and not is_typing:
        count_unanswered(listing.filterset.interpretation)
    template = "catalogue/cluster_list.html#results" if is_fragment else "catalogue/cluster_list.html"
    response = render(
        request,
        template,
        {
            "listing": listing,
            "is_fragment": is_fragment,
            "share_url": request.build_absolute_uri(listing.url),
            "json_ld": ""
            if is_fragment or listing.is_map
            else listing.json_ld(f"{request.scheme}://{request.get_host()}"),
        },
    )
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    response.is_unanswered = is_unanswered  # to be counted the next time too
    return response


@read_only
@by_version
def cluster_suggest(request: HttpRequest) -> HttpResponse:
    """Answer the search box while somebody types: options of its list, as HTML."""
    suggestions = suggest(request.GET.get("q", ""))
    return render(request, "catalogue/_suggestions.html", {"suggestions": suggestions})


@read_only
@by_version
def cluster_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the profile of a published cluster, or lead to where it lives now."""
    cluster = Cluster.objects.published().for_page().filter(slug=slug).first()
    if cluster is None:
        return _moved(slug)
    url = request.build_absolute_uri(cluster.get_absolute_url())
    logo = request.build_absolute_uri(reverse("catalogue:cluster_logo", args=[slug])) if cluster.logo else ""
    context = {
        "cluster": cluster,
        "url": url,
        "logo_url": logo,
        "facts": facts(cluster),
        "sources": source_blocks(cluster),
        "similar": similar_clusters(cluster),
        "json_ld": cluster_json_ld(cluster, url, logo),
        "place_map": PlaceMap.of(cluster),
    }
    return render(request, "catalogue/cluster_detail.html", context)


@read_only
def cluster_by_id(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Lead from the stable public id to the profile; not permanent, since the slug may change."""
    target = public_cluster(get_object_or_404(Cluster.objects.select_related("successor"), public_id=public_id))
    if target is None:
        raise Http404("No published cluster has this id.")
    return redirect(target)


@read_only
def cluster_logo(request: HttpRequest, slug: str) -> HttpResponse | FileResponse:
    """Give out the logo of a published cluster, or lead to where it lives now."""
    cluster = Cluster.objects.published().filter(slug=slug).first()
    if cluster is None:
        return _moved(slug, "catalogue:cluster_logo")
    if not cluster.logo:
        raise Http404("This cluster has no logo.")
    try:
        response = FileResponse(cluster.logo.open("rb"))
    except FileNotFoundError as error:
        raise Http404("The file of this logo is missing.") from error
    response["Cache-Control"] = "public, max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@read_only
@by_version
def cluster_compare(request: HttpRequest) -> HttpResponse:
    """Show up to four clusters side by side."""
    return render(request, "catalogue/cluster_compare.html", {"comparison": Comparison(request.GET)})


@read_only
@by_version
def network_list(request: HttpRequest) -> HttpResponse:
    """Show all networks with the number of their published clusters."""
    return render(request, "catalogue/network_list.html", {"networks": Network.objects.with_cluster_counts()})


@read_only
@by_version
def network_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a network with its published clusters."""
    network = Network.objects.for_page().filter(slug=slug).first()
    if network is None:
        return _for_good(get_object_or_404(Network, slug=slug.lower()).get_absolute_url())
    facilitator = network.facilitator
    context = {
        "network": network,
        "clusters": network.published_clusters,
        "facilitator": facilitator if facilitator and facilitator.status == Cluster.Status.PUBLISHED else None,
    }
    return render(request, "catalogue/network_detail.html", context)


def _moved(slug: str, name: str = "catalogue:cluster_detail") -> HttpResponse:
    """Lead from an old address to that of today called ``name``; raise ``Http404`` if nothing public is behind it."""
    target = cluster_behind(slug)
    if target is None:
        raise Http404("No published cluster has this address.")
    if name == "catalogue:cluster_logo" and not target.logo:
        raise Http404("This cluster has no logo.")
    return _for_good(reverse(name, args=[target.slug]))


def _for_good(url: str) -> HttpResponse:
    """Lead to ``url`` for good, as far as anybody knows; but a slug may return, and browsers would go in a circle."""
    response = redirect(url, permanent=True)
    response["Cache-Control"] = "no-cache"
    return response
