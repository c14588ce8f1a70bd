from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The public catalogue: clusters, search, map, profiles, exports, API."""

    name = "catalogue"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from catalogue import extensions

        extensions.register()
