"""Search in the lists of staff: without accents, like the public one."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from catalogue.admin.staff_search import ClusterQuery
from catalogue.models import Cluster
from catalogue.search.text import words


class FoldedSearch:
    """Finds rows by words of their name, accents or not, and by their other names as they are written."""

    other_columns: tuple[str, ...] = ("other_names",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the rows that have every word somewhere."""
        for typed in search_term.replace("\x00", " ").split():  # PostgreSQL takes no NUL
            found = Q()
            for word in words(typed):
                found &= Q(sort_name__contains=word)
            others = Q()
            for column in self.other_columns:
                others |= Q(**{f"{column}__icontains": typed})
            # A mark alone has no words; then only the other columns can hold it.
            queryset = queryset.filter(found | others if found else others)
        return queryset, False


class ClusterSearch:
    """Finds clusters as the public search does, typos forgiven, among all of them; also by their addresses."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Cluster], search_term: str
    ) -> tuple[QuerySet[Cluster], bool]:
        """Keep the clusters that the search finds; the request remembers what it was taken to mean."""
        if not search_term.strip():
            return queryset, False
        query = ClusterQuery.of(search_term)
        request.search_interpretation = query.interpretation  # type: ignore[attr-defined]
        return queryset.filter(query.condition), False
