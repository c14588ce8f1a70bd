"""Template filters of the public pages."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe

from catalogue.listing.facets import Facet, FacetValue
from catalogue.listing.messages import Message
from catalogue.listing.page import ClusterListing
from catalogue.profile.html import host

register = template.Library()
register.filter(host)


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """Return ``mapping[key]``, or nothing."""
    return mapping.get(key)


@register.simple_tag
def facet_items(facet: Facet) -> SafeString:
    """Return the shown values of a facet as list items of check boxes or radio buttons.

    A page has hundreds of them: every character counts, and as a loop in the template they took more time
    than all the rest of it.
    """
    kind, name = ("checkbox" if facet.is_multiple else "radio"), escape(facet.name)
    return mark_safe("".join(_facet_item(kind, name, value) for value in facet.shown))


@register.simple_tag
def message_text(listing: ClusterListing, name: str, message: str) -> str:
    """Return a message about parameter ``name``; what was probably meant is a link to the list with it."""
    if not isinstance(message, Message) or not message.meant:
        return conditional_escape(message)
    url = f"{listing.path}{listing.query_as_meant(name, message)}"
    return format_html('{} Did you mean <a href="{}">{}</a>?', message.text, url, message.label)


def _facet_item(kind: str, name: str, value: FacetValue) -> str:
    text, label = escape(value.value), escape(value.label)
    is_chosen = value.is_selected or value.is_read
    classes = " ".join(filter(None, ["" if value.count else "is-zero", "is-chosen" if is_chosen else ""]))
    attribute = f' class="{classes}"' if classes else ""
    parent = f" <small>{escape(value.parent)}</small>" if value.parent else ""
    if value.is_read and not value.is_selected:
        # What the search text says cannot be taken back here; its chip can.
        parent += " <small>in your search</small>"
    return (
        f"<li><label{attribute}>"
        f'<input type="{kind}" name="{name}" value="{text}" id="{name}-{text}"{" checked" if value.is_selected else ""}>'
        f"<span>{label}{parent}</span><b>{value.count:,}</b></label></li>"
    )
