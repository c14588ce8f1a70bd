"""The filtered list as an Atom feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.feedgenerator import Atom1Feed

from catalogue.map.cluster_map import PLACE_CREDIT
from catalogue.models import Cluster

#: Characters that XML 1.0 cannot hold in any form.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class ClusterFeed(Atom1Feed):
    """An Atom feed that takes its entries one by one, so that a large catalogue fits in little memory."""

    def __init__(self, clusters: Iterable[Cluster], *, base_url: str, updated: datetime, **about: Any) -> None:
        super().__init__(description=None, feed_copyright=PLACE_CREDIT, language="en", **about)
        self._updated = updated
        # Taken one by one: the library only walks over them once.
        self.items = self._entries(clusters, base_url)  # type: ignore[assignment]

    def latest_post_date(self) -> datetime:
        """Return when the newest of the profiles changed."""
        return self._updated

    @staticmethod
    def _entries(clusters: Iterable[Cluster], base_url: str) -> Iterator[dict[str, Any]]:
        for cluster in clusters:
            place = ", ".join(filter(None, [cluster.region.name if cluster.region else "", cluster.country.name]))
            yield {
                "title": _xml_text(cluster.name),
                "link": base_url + cluster.get_absolute_url(),
                "unique_id": f"urn:uuid:{cluster.public_id}",
                "description": _xml_text(f"{place}. {cluster.summary}"),
                "pubdate": cluster.published_at,
                "updateddate": cluster.updated_at,
                "categories": [_xml_text(term.name) for term in cluster.terms.all()],
                "author_name": None, "author_email": None, "author_link": None, "item_copyright": None, "enclosures": [],
            }  # fmt: skip


def _xml_text(text: str) -> str:
    return _NOT_XML.sub(" ", text)
