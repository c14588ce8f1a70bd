"""The addresses of the portal and those of the baselines."""

from django.urls import path

from bench import bare_export, bare_profile, limit
from portal.urls import handler400, handler404, handler500
from portal.urls import urlpatterns as _portal

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("bench/list/", limit.clusters),
    path("bench/api/", limit.api),
    path("bench/suggest/", limit.suggestions),
    path("bench/constant/<str:name>/", limit.constant),
    path("bench/profile/", bare_profile.profile),
    path("bench/export/", bare_export.export),
    *_portal,
]
