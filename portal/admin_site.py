"""The staff's workplace."""

from django.contrib.admin import AdminSite


class PortalAdminSite(AdminSite):
    """Django's admin under the portal's name."""

    site_header = "Cluster Portal"
    site_title = "Cluster Portal"
    index_title = "Workplace"
    empty_value_display = "–"
