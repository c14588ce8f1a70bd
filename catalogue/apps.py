from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The ``catalogue`` app; what it holds is told in ``docs/architecture.md``."""

    name = "catalogue"

    def ready(self) -> None:
        """Register mails with the outbox, mailbox rules with the consortium, and parts of staff pages."""
        from catalogue.admin import figures, findings, merge, sources, upkeep
        from catalogue.admin.submissions import figures as review_figures
        from catalogue.mails import KINDS
        from catalogue.services.digest import DIGEST
        from consortium import mailboxes
        from outbox.addresses import validate_mailbox
        from outbox.kinds import register
        from workplace.extensions import figure_sources, page_extensions, version_sources

        for kind in (*KINDS, DIGEST):
            register(kind)
        mailboxes.register(validate_mailbox)
        page_extensions.register(upkeep.ON_CLUSTERS, findings.ON_CLUSTERS, merge.ON_CLUSTERS)
        figure_sources.register(figures.FIGURES, review_figures.FIGURES, findings.FIGURES)
        version_sources.register(sources.SUBMISSIONS)
