"""Pages of results, for the site and the API."""

from rest_framework.pagination import PageNumberPagination as _PageNumberPagination


class PageNumberPagination(_PageNumberPagination):
    """``page`` counts from 1; ``page_size`` is 50 unless the caller asks for 1 to 200."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
