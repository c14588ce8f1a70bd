"""The addresses of the portal and those of the baselines."""

from django.urls import path

from bench import bare, bare_export, bare_profile, bare_suggestions
from portal.urls import handler400, handler404, handler500
from portal.urls import urlpatterns as _portal

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("bench/rows/", bare.rows),
    path("bench/list/", bare.same_work),
    path("bench/api/", bare.api_page),
    path("bench/map/", bare.map_page),
    path("bench/suggest/", bare_suggestions.suggestions),
    path("bench/profile/", bare_profile.profile),
    path("bench/export/", bare_export.export),
    *_portal,
]
