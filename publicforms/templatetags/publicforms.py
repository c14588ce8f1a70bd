"""What the pages of public forms need in templates."""

from django import template

from publicforms.messages import without_label

register = template.Library()


@register.filter
def beside(message: str, label: str) -> str:
    """Return a message without the label that it begins with, since that one is beside it."""
    return without_label(str(label), str(message))
