from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The ``catalogue`` app; what it holds is told in ``docs/architecture.md``."""

    name = "catalogue"

    def ready(self) -> None:
        """Tell the outbox which mails the catalogue sends, and the consortium to which addresses mail can go."""
        from catalogue.mails import KINDS
        from catalogue.services.digest import DIGEST
        from consortium import mailboxes
        from outbox.addresses import validate_mailbox
        from outbox.kinds import register

        for kind in (*KINDS, DIGEST):
            register(kind)
        mailboxes.register(validate_mailbox)
