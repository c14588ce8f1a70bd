"""Addresses of the workplace."""

from typing import Any

from django.apps import apps
from django.urls import reverse

from tests.project import PACKAGES


def admin_address(model: str, page: str, *args: Any) -> str:
    """Return the address of a page of one of our models, by its name in lower case ("submission", "changelist")."""
    (app,) = {found._meta.app_label for found in apps.get_models() if found._meta.model_name == model} & {*PACKAGES}
    return reverse(f"admin:{app}_{model}_{page}", args=args)
