"""Structured data: schema.org for search engines, DCAT for data portals, both in JSON-LD."""

import json
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from catalogue.map.cluster_map import PLACE_CREDIT
from catalogue.models import Cluster
from catalogue.profile.declaration import Property
from catalogue.profile.fields import FIELDS
from consortium.models import Project

#: So that no text of a cluster can end the script element or begin a comment in it.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
#: What fields declare, and the terms of all vocabularies together.
_PROPERTIES = sorted(
    (
        Property("knowsAbout", lambda cluster: [term.name for term in cluster.terms.all()], order=50),
        *(field.schema_org for field in FIELDS if field.schema_org),
    ),
    key=attrgetter("order"),
)


def list_json_ld(clusters: Iterable[Cluster], total: int, base_url: str) -> SafeString:
    """Return a page of a list as a schema.org ``ItemList`` of the clusters shown."""
    data = {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "numberOfItems": total,
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": cluster.name, "url": base_url + cluster.get_absolute_url()}
            for place, cluster in enumerate(clusters, start=1)
        ],
    }
    return _script(data)


def dataset_json_ld(
    *, base_url: str, project: Project, formats: list[tuple[str, str, str]], modified: datetime | None
) -> str:
    """Return the catalogue as a DCAT 3 dataset; ``formats`` are (extension, name, media type)."""
    home = base_url + reverse("catalogue:cluster_list")
    distributions = [
        {
            "@type": "dcat:Distribution",
            "dct:title": label,
            "dcat:downloadURL": {"@id": base_url + reverse("catalogue:cluster_export", args=[kind])},
            "dcat:mediaType": f"https://www.iana.org/assignments/media-types/{media_type}",
        }
        for kind, label, media_type in formats
    ]
    service = {
        "@type": "dcat:DataService",
        "dct:title": f"{project.name} API",
        "dcat:endpointURL": {"@id": base_url + reverse("api:root")},
        "dcat:endpointDescription": {"@id": base_url + reverse("api:schema")},
    }
    data: dict[str, Any] = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": f"{base_url}/dataset.jsonld",
        "@type": "dcat:Dataset",
        "dct:title": f"{project.name}: clusters",
        "dct:description": project.tagline or "Organisations that gather the companies of a region and field.",
        "dct:language": "en",
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": project.name},
        "dcat:landingPage": {"@id": home},
        "dcat:theme": {"@id": "http://publications.europa.eu/resource/authority/data-theme/ECON"},
        "dcat:keyword": ["clusters", "Europe", "innovation"],
        "dct:rights": PLACE_CREDIT,
        "dcat:distribution": [*distributions, {"@type": "dcat:Distribution", "dct:title": "API", "dcat:accessService": service,
                                               "dcat:accessURL": {"@id": base_url + reverse("api:cluster_list")}}],
    }  # fmt: skip
    if modified:
        data["dct:modified"] = {"@type": "xsd:dateTime", "@value": modified.isoformat(timespec="seconds")}
    return json.dumps(data, ensure_ascii=False, indent=2)


def cluster_json_ld(cluster: Cluster, url: str, logo_url: str) -> SafeString:
    """Return the cluster as a schema.org ``Organization``; unknown parts are left out."""
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
        **{part.name: part.value(cluster) for part in _PROPERTIES},
    }
    given = {key: value for key, value in data.items() if value}
    return _script(given)


def _script(data: dict[str, Any]) -> SafeString:
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))
