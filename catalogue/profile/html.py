"""The values of "At a glance" that are more than a text, as safe HTML."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalogue.models import Cluster, SocialLink, Term


def terms_of(cluster: Cluster, vocabulary: str) -> list[Term]:
    """Return the cluster's terms of one vocabulary; no query where the terms were fetched with the cluster."""
    return [term for term in cluster.terms.all() if term.vocabulary == vocabulary]


def internal_link(url: str, text: str) -> SafeString:
    """Return a link to a page of the portal."""
    return format_html('<a href="{}">{}</a>', url, text)


def external_link(url: str, text: str, rel: str = "noopener nofollow") -> SafeString:
    """Return a link to a page of others; empty without an address."""
    return format_html('<a href="{}" rel="{}">{}</a>', url, rel, text) if url else mark_safe("")


def host(url: str) -> str:
    """Return the host of a web address without ``www.``, for a short link text."""
    return urlsplit(url).netloc.removeprefix("www.") or url


def term_list(cluster: Cluster, vocabulary: str) -> str:
    """Return the terms as a list of links to the clusters that share them; empty without terms."""
    terms = terms_of(cluster, vocabulary)
    if not terms:
        return ""
    items = format_html_join(
        "", '<li><a href="{}">{}</a></li>', ((term.get_absolute_url(), term.name) for term in terms)
    )
    return format_html("<ul>{}</ul>", items)


def members(cluster: Cluster) -> str:
    """Return the number of members, when they were counted, and how they divide into kinds as far as that is known."""
    if not cluster.members_text:
        return ""
    kinds = (
        (cluster.members_sme, "SMEs"),
        (cluster.members_large, "large firms"),
        (cluster.members_research, "research organisations"),
        (cluster.members_public, "public bodies"),
    )
    counted = cluster.members_as_of
    as_of = format_html(' <span class="small muted">as of {}</span>', date_format(counted, "F Y")) if counted else ""
    split = format_html_join(
        "", '<span class="split">{} {}</span>', ((f"{count:,}", kind) for count, kind in kinds if count is not None)
    )
    return format_html("{}{} {}", cluster.members_text, as_of, split)


def quality_label(cluster: Cluster) -> str:
    """Return the label that is valid today with its last day and its evidence; empty without one."""
    if not cluster.valid_quality_label or not cluster.quality_expires_on:
        return ""
    until = date_format(cluster.quality_expires_on, "j F Y")
    evidence = external_link(cluster.quality_evidence, "evidence")
    return format_html("{} until {}{}{}", cluster.valid_quality_label, until, ", " if evidence else "", evidence)


def social_links(cluster: Cluster) -> str:
    """Return the pages on social networks as a list of links; empty without any."""
    links = cluster.social_links.all()
    items = format_html_join("", "<li>{}</li>", ((external_link(link.url, _named(link), _ITS_OWN),) for link in links))
    return format_html("<ul>{}</ul>", items) if items else ""


_ITS_OWN = "noopener nofollow me"


def _named(link: SocialLink) -> str:
    return host(link.url) if link.kind == SocialLink.Kind.OTHER else link.get_kind_display()
