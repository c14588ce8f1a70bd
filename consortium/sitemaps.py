"""Staff's pages for search engines."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from consortium.models import Page


class PageSitemap(Sitemap):
    """About, accessibility, privacy, terms and whatever else staff wrote."""

    def items(self) -> QuerySet:
        """Return the pages."""
        return Page.objects.only("slug", "updated_at").order_by("slug")

    def lastmod(self, page: Page) -> datetime:
        """Return when the page last changed."""
        return page.updated_at

    def location(self, page: Page) -> str:
        """Return the address of the page."""
        return reverse("consortium:page_detail", args=[page.slug])
