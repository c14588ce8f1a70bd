"""What came of the jobs of the night."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from workplace.extensions import Figure, FigureSource
from workplace.models import NightlyRun
from workplace.nightly import failed_rows
from workplace.read_only_admin import ReadOnlyAdmin


@admin.register(NightlyRun)
class NightlyRunAdmin(ReadOnlyAdmin):
    """The last run of every job that removes what is kept no longer."""

    list_display = ["name", "finished_at", "count", "failed"]
    fields = ["name", "finished_at", "count", "failed", "problem"]
    when_empty = "No nightly job has run yet."


def _figures(request: HttpRequest) -> list[Figure]:
    """Return how many rows failed, if any did."""
    if not request.user.has_perm("workplace.view_nightlyrun") or not (number := failed_rows()):
        return []
    runs = reverse("admin:workplace_nightlyrun_changelist")
    return [Figure(number, "rows that the nightly run could not remove", runs, is_late=True)]


FIGURES = FigureSource("nightly run", _figures, order=300)
