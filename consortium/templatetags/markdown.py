"""Markdown in templates, of this app and of those above it."""

from django import template
from django.utils.safestring import SafeString

from consortium.markdown import render_markdown

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """Return Markdown as safe HTML."""
    return render_markdown(text or "")
