"""Template filters of the public pages."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.safestring import SafeString

from catalogue.markdown import render_markdown

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """Return Markdown as safe HTML."""
    return render_markdown(text or "")


@register.filter
def host(url: str) -> str:
    """Return the host of a web address without ``www.``, for a short link text."""
    return urlsplit(url).netloc.removeprefix("www.") or url


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """Return ``mapping[key]``, or nothing."""
    return mapping.get(key)
