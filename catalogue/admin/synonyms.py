"""The words that the search understands, with a box to try them and the words that found nothing."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponse

from catalogue.listing.filters import ClusterFilter
from catalogue.models import Cluster, Synonym
from catalogue.search.text import MAX_LENGTH
from catalogue.search.unanswered import unanswered_words
from workplace.staff_admin import StaffAdmin

SHOWN = 5  # clusters of what is tried


@admin.register(Synonym)
class SynonymAdmin(StaffAdmin):
    """Synonyms: a change counts from the next search on."""

    list_display = ["word", "language", "kind", "means"]
    list_filter = ["kind", "language"]
    search_fields = ["word", "means"]
    fields = ["word", "language", "kind", "means"]
    change_list_template = "admin/catalogue/synonym/change_list.html"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the word of a link, such as one that found nothing."""
        return {"word": request.GET.get("word", "")[:120]}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show what a text that is tried means, and the words that found nothing, above the list."""
        # Taken out, since the list would refuse a filter that it does not know.
        text = request.GET.get("try", "").replace("\x00", " ").strip()[:MAX_LENGTH]
        if "try" in request.GET:
            request.GET = request.GET.copy()  # type: ignore[assignment]
            del request.GET["try"]  # type: ignore[misc]
        context = {"tried": text, "unanswered": unanswered_words(), **(extra_context or {})}
        if text:
            search = ClusterFilter({"q": text})
            context |= {
                "search": search, "reading": search.interpretation, "total": len(search.found),
                "clusters": search.rows(Cluster.objects.select_related("country"), stop=SHOWN),
            }  # fmt: skip
        return super().changelist_view(request, context)
