"""Pages of the project itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that came without its token, and how to send it again."""
    return render(request, "403_csrf.html", status=403)
