"""Submissions in the workplace: the queue in place of a list, the review page in place of a form."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from submissions.admin.bulk import approve_several
from submissions.admin.page import leave_page, review_page
from submissions.admin.queue import queue_page
from submissions.models import Submission


@admin.register(Submission)
class SubmissionAdmin(admin.ModelAdmin):
    """Submissions are read and decided here; only services change them, and nobody adds or deletes one."""

    def get_urls(self) -> list[URLPattern]:
        """Add logos, the approval of several, and the note that a reviewer left a page."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "approve/",
                wrap(partial(approve_several, admin_site=self.admin_site)),
                name="submissions_submission_approve",
            ),
            path("<int:pk>/logo/", wrap(self.logo_view), name="submissions_submission_logo"),
            path("<int:pk>/left/", wrap(leave_page), name="submissions_submission_left"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a submission comes by form, partner site or spreadsheet."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        """Refuse: what somebody sent is not edited, it is decided."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        """Refuse: personal data goes by itself after its time."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the queue."""
        self._require_view(request)
        return queue_page(request, admin_site=self.admin_site)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the review page, or carry out what was decided on it."""
        self._require_view(request)
        if not (object_id.isascii() and object_id.isdigit() and len(object_id) < 18):
            raise Http404("There is no such submission.")
        return review_page(request, int(object_id), admin_site=self.admin_site)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the events on the review page."""
        self._require_view(request)
        return HttpResponseRedirect(f"{reverse('admin:submissions_submission_change', args=[object_id])}#events")

    def logo_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """Give out the proposed logo to staff who may see submissions."""
        self._require_view(request)
        submission = get_object_or_404(Submission.objects.sent().exclude(logo=""), pk=pk)
        try:
            response = FileResponse(submission.logo.open("rb"))
        except FileNotFoundError as error:
            raise Http404("The file of this logo is missing.") from error
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
