"""All addresses of the portal."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from catalogue.api.urls import urlpatterns as catalogue_api
from catalogue.sitemaps import ClusterSitemap, NetworkSitemap, StaticSitemap
from consortium.sitemaps import PageSitemap
from portal import health, views
from publicforms.decorators import read_only
from submissions.api.urls import urlpatterns as submissions_api

SITEMAPS = {"pages": StaticSitemap, "clusters": ClusterSitemap, "networks": NetworkSitemap, "plain": PageSitemap}

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("publicforms.urls")),
    path("", include("submissions.urls")),
    path("", include("questions.urls")),
    path("", include("catalogue.urls")),
    path("api/", include(([*catalogue_api, *submissions_api], "api"))),
    path("admin/", admin.site.urls),
    path("outbox/", include("outbox.urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("sitemap.xml", read_only(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    path("", include("consortium.urls")),
]

handler400 = "portal.views.bad_request"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
