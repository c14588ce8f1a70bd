"""The addresses of the portal as they are where this app is installed: imported once it has registered its pages."""

from django.contrib import admin
from django.urls import path

from portal import urls as portal_urls

handler400, handler404, handler500 = portal_urls.handler400, portal_urls.handler404, portal_urls.handler500
urlpatterns = [path("admin/", admin.site.urls), *portal_urls.urlpatterns]
