"""What the catalogue adds to other apps."""

from catalogue.admin import figures, proposals, staff_search, timeline
from catalogue.loading import kinds
from workplace.extensions import figure_sources, page_extensions
from workplace.search import search_sources
from workplace.timeline import timeline_sources


def register() -> None:
    """Register figures of the first page, a panel of clusters, versions on timelines, the search for clusters and kinds of data files."""
    figure_sources.register(figures.FIGURES)
    page_extensions.register(proposals.ON_CLUSTERS)
    timeline_sources.register(timeline.VERSIONS)
    search_sources.register(staff_search.CLUSTERS)
    kinds.register_loading()
