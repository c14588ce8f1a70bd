"""What the catalogue adds to other apps."""

from catalogue import loading
from catalogue.admin import figures
from workplace.extensions import figure_sources


def register() -> None:
    """Register figures of the first page and kinds of data files."""
    figure_sources.register(figures.FIGURES)
    loading.register_loading()
