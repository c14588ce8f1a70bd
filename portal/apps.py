from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    """The project itself: home page, health checks, first start."""

    name = "portal"

    def ready(self) -> None:
        """Watch the scheduled tasks: from the migration on, and whenever a worker ends one."""
        from portal import background

        post_migrate.connect(background.watch_tasks, sender=self)


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's own site class."""

    default_site = "portal.admin_site.PortalAdminSite"
