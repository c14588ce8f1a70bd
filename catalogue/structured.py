"""Structured data for search engines: schema.org in JSON-LD."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from catalogue.models import Cluster

#: So that no text of a cluster can end the script element or begin a comment in it.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def cluster_json_ld(cluster: Cluster, url: str, logo_url: str) -> SafeString:
    """Return the cluster as a schema.org ``Organization``; unknown parts are left out."""
    address = {
        "@type": "PostalAddress",
        "addressCountry": cluster.country_id if cluster.country_id != "EU" else "",
    }
    if cluster.place_text and cluster.precision == Cluster.Precision.SEAT:
        address["addressLocality"] = cluster.place
    if cluster.region:
        address["addressRegion"] = cluster.region.name
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": url,
        "identifier": str(cluster.public_id),
        "name": cluster.name,
        "alternateName": [
            name for name in (cluster.acronym, *cluster.former_name_list) if name and name != cluster.name
        ],
        "description": cluster.summary,
        "url": cluster.website or url,
        "mainEntityOfPage": url,
        "logo": logo_url,
        "email": cluster.email,
        "telephone": cluster.phone,
        "foundingDate": str(cluster.founded or ""),
        "address": {key: value for key, value in address.items() if value} if len(address) > 1 else {},
        "knowsAbout": [term.name for term in cluster.terms.all()],
        "memberOf": [{"@type": "Organization", "name": network.name} for network in cluster.networks.all()],
        "sameAs": [link.url for link in cluster.social_links.all()],
    }
    kept = {key: value for key, value in data.items() if value}
    return mark_safe(json.dumps(kept, ensure_ascii=False).translate(_ESCAPES))
