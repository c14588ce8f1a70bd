"""What "At a glance" says of a cluster, from the declared fields."""

from typing import NamedTuple

from catalogue.models import Cluster
from catalogue.profile.declaration import in_order
from catalogue.profile.fields import FIELDS


class Line(NamedTuple):
    """A line with its value as it is shown: a text, or safe HTML."""

    label: str
    html: str


_FACTS = [
    (field.label if not part.label else part.label, part.html)
    for field, part in in_order((field, field.fact) for field in FIELDS)
]


def facts(cluster: Cluster) -> list[Line]:
    """Return the lines that have something to say, in their order; no query after ``for_profile()``."""
    found = ((label, html(cluster)) for label, html in _FACTS)
    return [Line(label if isinstance(label, str) else label(cluster), text) for label, text in found if text]
