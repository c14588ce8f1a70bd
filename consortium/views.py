"""Pages whose text staff writes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from consortium.models import Page
from publicforms.decorators import read_only


@read_only
def page_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page. Any single word comes here, so that "/Clusters/" leads to "/clusters/" too."""
    if slug != slug.lower() and not Page.objects.filter(slug=slug).exists():
        return redirect(f"/{slug.lower()}/", permanent=True)
    return render(request, "consortium/page_detail.html", {"page": get_object_or_404(Page, slug=slug)})
