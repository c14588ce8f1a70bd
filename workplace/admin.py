"""The results of nightly jobs."""

from django.contrib import admin

from workplace.models import NightlyRun
from workplace.read_only_admin import ReadOnlyAdmin


@admin.register(NightlyRun)
class NightlyRunAdmin(ReadOnlyAdmin):
    """The last run of every job that deletes or empties old records."""

    list_display = ["name", "finished_at", "count", "failed"]
    fields = ["name", "finished_at", "count", "failed", "problem"]
    when_empty = "No nightly job has run yet."
