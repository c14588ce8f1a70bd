from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The ``catalogue`` app; what it holds is told in ``docs/architecture.md``."""

    name = "catalogue"

    def ready(self) -> None:
        """Register mails, links, rules for mailboxes, parts of staff pages, and erasure."""
        from catalogue import eccp, erasure, loading
        from catalogue.admin import figures, findings, merge, nightly, sources, upkeep
        from catalogue.admin.submissions import figures as review_figures
        from catalogue.mails import KINDS
        from catalogue.merge_providers import imports, quality, submissions
        from catalogue.services.digest import DIGEST
        from catalogue.services.merging import catalogue_rows
        from catalogue.views.submit import freshness, links
        from consortium import mailboxes
        from outbox.addresses import validate_mailbox
        from outbox.kinds import register
        from workplace.erasure import nightly_jobs, person_erasers, record_erasers
        from workplace.extensions import figure_sources, page_extensions, version_sources

        for kind in (*KINDS, DIGEST):
            register(kind)
        links.register()
        freshness.register()
        mailboxes.register(validate_mailbox)
        page_extensions.register(upkeep.ON_CLUSTERS, findings.ON_CLUSTERS, merge.ON_CLUSTERS)
        figure_sources.register(figures.FIGURES, review_figures.FIGURES, findings.FIGURES, nightly.FIGURES)
        version_sources.register(sources.SUBMISSIONS)
        record_erasers.register(*erasure.RECORDS)
        person_erasers.register(*erasure.PEOPLE)
        nightly_jobs.register(*erasure.JOBS)
        for module in (catalogue_rows, submissions, imports, quality):
            module.register_merge_providers()
        for module in (loading, eccp):
            module.register_loading()
