"""The public form: submit a cluster, correct a profile, follow a submission."""

from django.http import Http404, HttpRequest, HttpResponse


def not_yet(request: HttpRequest, **names: str) -> HttpResponse:
    """Stand in for the pages of the form until they exist."""
    raise Http404
