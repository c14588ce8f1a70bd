from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The ``catalogue`` app; what it holds is told in ``docs/architecture.md``."""

    name = "catalogue"

    def ready(self) -> None:
        """Tell the outbox which mails the catalogue sends."""
        from catalogue.mails import KINDS
        from catalogue.services.digest import DIGEST
        from outbox.kinds import register

        for kind in (*KINDS, DIGEST):
            register(kind)
