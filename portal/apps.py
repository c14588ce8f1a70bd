from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    """The project itself: home page, health checks, first start."""

    name = "portal"


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's own site class."""

    default_site = "portal.admin_site.PortalAdminSite"
