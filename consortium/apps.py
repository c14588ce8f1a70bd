from django.apps import AppConfig


class ConsortiumConfig(AppConfig):
    """The project, its partners, plain pages and staff groups."""

    name = "consortium"

    def ready(self) -> None:
        """Register the data files of the consortium, and what the search over everything finds here."""
        from consortium.loading import register_loading
        from consortium.staff_search import PARTNERS, PEOPLE
        from workplace.search import search_sources

        register_loading()
        search_sources.register(PARTNERS, PEOPLE)
