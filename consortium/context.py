"""What every template knows of the project."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from consortium.models import Project


def project(request: HttpRequest) -> dict[str, Any]:
    """Return ``project`` for templates; asked of the database only where a template uses it."""
    return {"project": SimpleLazyObject(Project.current)}
