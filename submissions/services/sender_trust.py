"""How far a sender is trusted: whether the confirmed address is one of the cluster."""

from __future__ import annotations

from urllib.parse import urlsplit

from catalogue.domains import is_on_site_builder, mail_domain_of, website_domain
from catalogue.models import Cluster
from outbox.addresses import AddressNotUsable, normalised
from submissions.models import Submission

Trust = Submission.Trust


def domain_of(website: str) -> str:
    """Return the host of ``website`` without "www.", lower case; empty if it has none."""
    try:
        host = (urlsplit(website).hostname or "").lower()
    except ValueError:
        return ""
    return host.removeprefix("www.")


def trust_of(email: str, cluster: Cluster | None) -> str:
    """Return what an address that was confirmed says about its owner and ``cluster``.

    An address of the web domain counts for the domain itself and for those below and above it
    ("team.photonics.example" and "photonics.example"), never for free mailers and shared sites.
    """
    if cluster is None:
        return Trust.UNKNOWN
    email = _plain(email)
    if cluster.editors.filter(email=email, is_active=True).exists():
        return Trust.EDITOR
    if cluster.email and _plain(cluster.email) == email:
        return Trust.PUBLIC
    mail_domain, site = email.rpartition("@")[2], _ascii(domain_of(cluster.website))
    if not mail_domain_of(email) or not website_domain(cluster.website) or not site or is_on_site_builder(site):
        return Trust.UNKNOWN
    is_below = mail_domain.endswith(f".{site}") or (site.endswith(f".{mail_domain}") and mail_domain.count(".") >= 1)
    return Trust.DOMAIN if mail_domain == site or is_below else Trust.UNKNOWN


def _plain(email: str) -> str:
    """Return an address in the form in which links are mailed to it; as it is if no mail can go there."""
    try:
        return normalised(email)
    except AddressNotUsable:
        return email.lower()


def _ascii(domain: str) -> str:
    """Return a domain as addresses that proved themselves are stored: in ASCII."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
