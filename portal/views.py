"""Pages of the project itself."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse

from catalogue.map.cluster_map import ClusterMap
from catalogue.models import Cluster
from portal.figures import home_figures, service_figures
from publicforms.decorators import read_only


@read_only
def home(request: HttpRequest) -> HttpResponse:
    """Show what the portal is, its figures and the ways in."""
    context = {
        "figures": home_figures(),
        "service": service_figures(),
        "map": ClusterMap(Cluster.objects.published()),
    }
    return render(request, "home.html", context)


@read_only
def robots(request: HttpRequest) -> HttpResponse:
    """Answer ``robots.txt``: where the sitemap is and what not to index."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /clusters/suggest/",
        "Disallow: /clusters/?*",
        "Disallow: /api/",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@read_only
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask for the icon at its old place to where it is."""
    return redirect(static("img/favicon.svg"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that came without its token, and how to send it again."""
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Help on from an address that leads nowhere; in JSON under ``/api/``."""
    if request.path.startswith("/api/"):
        return _json_error("Nothing is at this address. /api/v1/ lists what there is.", 404)
    return render(request, "404.html", {"path": request.path}, status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that the portal cannot take, such as one for another host name; JSON under ``/api/``."""
    if request.path.startswith("/api/"):
        return _json_error("The portal cannot take this request. Check its host name and headers.", 400)
    return render(request, "400.html", status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    """Refuse a request that holds too much; in JSON under ``/api/``."""
    if request.path.startswith("/api/"):
        return _json_error("The request is too large: at most 4 MB.", 413)
    # Only forms of the public have such large parts, and all of them can be opened again.
    back = request.path if request.path.startswith("/submit/") else ""
    return render(request, "413.html", {"back": back}, status=413)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours, without asking the database anything; in JSON under ``/api/``."""
    if request.path.startswith("/api/"):
        return _json_error("The portal failed to answer. Please try again in a minute.", 500)
    return render(request, "500.html", status=500)


def _json_error(detail: str, status: int) -> HttpResponse:
    return JsonResponse({"detail": detail}, status=status)
