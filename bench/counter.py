"""Counts the SQL queries of every answer; in the settings of the benchmark only."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase


class QueryCounter:
    """Puts the number of queries and the number of the process into headers.

    A streamed answer is still running its queries when the headers leave. With ``X-Bench-Count`` in the
    request it is read to its end first; such requests are not timed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the headers."""
        queries = 0

        def count(execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            nonlocal queries
            queries += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
            if getattr(response, "streaming", False) and "X-Bench-Count" in request.headers:
                response = HttpResponse(b"".join(response))  # type: ignore[arg-type]
        response["X-Bench-Queries"] = str(queries)
        response["X-Bench-Worker"] = str(os.getpid())
        return response
