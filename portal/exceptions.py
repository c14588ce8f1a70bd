"""Errors of the API: always JSON, always with what the caller can do."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

RETRY_AFTER_SECONDS = 60


def api_exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into an answer; ``None`` leaves it to the handler of errors 500.

    Requests that Django itself refuses (too many parameters, for one) would be answered in HTML.
    """
    if isinstance(exc, (SuspiciousOperation, BadRequest)):
        exc = ValidationError({"query": ["The parameters of this address could not be read."]})
    response = exception_handler(exc, context)
    if response is not None and response.status_code == status.HTTP_429_TOO_MANY_REQUESTS:
        # The wait is unknown for a moment after the rate was lowered; clients need a number all the same.
        wait = getattr(exc, "wait", None)
        response["Retry-After"] = str(max(1, int(wait)) if wait else RETRY_AFTER_SECONDS)
    return response
