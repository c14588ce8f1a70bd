"""Reasons that reviewers give often."""

from django.contrib import admin

from submissions.models import CannedReason
from workplace.staff_admin import StaffAdmin


@admin.register(CannedReason)
class CannedReasonAdmin(StaffAdmin):
    """Texts that reviewers put into their answers with one choice."""

    list_display = ["title", "use", "text", "position"]
    list_filter = ["use"]
    search_fields = ["title", "text"]
    fields = ["use", "title", "text", "position"]
