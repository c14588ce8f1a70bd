from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The ``catalogue`` app; what it holds is told in ``docs/architecture.md``."""

    name = "catalogue"

    def ready(self) -> None:
        """Register the mails that the catalogue sends, to which addresses mail can go, what a merge moves, and data files."""
        from catalogue import eccp, loading
        from catalogue.mails import KINDS
        from catalogue.merge_providers import imports, quality, submissions
        from catalogue.services.digest import DIGEST
        from catalogue.services.merging import catalogue_rows
        from consortium import mailboxes
        from outbox.addresses import validate_mailbox
        from outbox.kinds import register

        for kind in (*KINDS, DIGEST):
            register(kind)
        mailboxes.register(validate_mailbox)
        for module in (catalogue_rows, submissions, imports, quality):
            module.register_merge_providers()
        for module in (loading, eccp):
            module.register_loading()
