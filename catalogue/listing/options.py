"""The values that readers may filter by."""

from __future__ import annotations

from typing import NamedTuple

from pyroaring import BitMap

from catalogue.index.catalogue_index import CatalogueIndex, current_index
from catalogue.listing.declared import TABLES

KINDS: tuple[str, ...] = tuple(TABLES)


class Option(NamedTuple):
    """One value of a filter: its text in addresses, what people read, and its order."""

    value: str
    label: str
    sort_name: str
    parent: str = ""  # the country code of a region


Options = dict[str, list[Option]]


def filter_options(index: CatalogueIndex | None = None, scope: BitMap | None = None) -> Options:
    """Return the options of every filter that has a fixed list, in the order of their names.

    Countries and regions are those of the clusters ``scope``, without it of the published ones. Terms and networks are
    all there are, since they are public themselves. Without ``index`` it is that of today.
    """
    if index is None:
        _version, index = current_index()
    seen = index.published() if scope is None else scope
    return {
        name: [
            Option(value.value, value.label, value.sort_name, value.parent)
            for value in index.shared.values[name].values()
            if not facet.is_of_clusters or index.having(name, value.value).intersect(seen)
        ]
        for name, facet in TABLES.items()
    }
