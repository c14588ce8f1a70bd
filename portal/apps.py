from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    """The project itself: home page, health checks, first start."""

    name = "portal"

    def ready(self) -> None:
        """Watch the scheduled tasks, and let the consortium check addresses as the outbox does."""
        from consortium import mailboxes
        from outbox.addresses import validate_mailbox
        from portal import background, connections

        connections.install()
        post_migrate.connect(background.watch_tasks, sender=self)
        mailboxes.register(validate_mailbox)


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's own site class."""

    default_site = "portal.admin_site.PortalAdminSite"
