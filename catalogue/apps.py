from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The ``catalogue`` app; what it holds is told in ``docs/architecture.md``."""

    name = "catalogue"

    def ready(self) -> None:
        """Register the mails and links of the catalogue, and to which addresses the consortium can send mail."""
        from catalogue.mails import KINDS
        from catalogue.services.digest import DIGEST
        from catalogue.views.submit import freshness, links
        from consortium import mailboxes
        from outbox.addresses import validate_mailbox
        from outbox.kinds import register

        for kind in (*KINDS, DIGEST):
            register(kind)
        links.register()
        freshness.register()
        mailboxes.register(validate_mailbox)
