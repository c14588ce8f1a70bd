"""What the catalogue adds to other apps."""

from catalogue import loading
from catalogue.admin import figures, timeline
from workplace.extensions import figure_sources
from workplace.timeline import timeline_sources


def register() -> None:
    """Register figures of the first page, versions on timelines and kinds of data files."""
    figure_sources.register(figures.FIGURES)
    timeline_sources.register(timeline.VERSIONS)
    loading.register_loading()
