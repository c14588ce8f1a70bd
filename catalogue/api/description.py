"""The OpenAPI description of the API and the page that shows it."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api import examples
from catalogue.api.base import PublicView
from catalogue.api.representation import ATTRIBUTION
from catalogue.api.serializers import ErrorSerializer
from catalogue.listing.options import filter_options

_MESSAGES = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}

#: What an address may answer instead of data.
WRONG = {
    400: OpenApiResponse(
        _MESSAGES,
        "A parameter is wrong or unknown: messages by its name.",
        examples=[examples.answer("unknown parameter", examples.WRONG_PARAMETER, "400")],
    ),
    414: OpenApiResponse(ErrorSerializer, "The address is longer than 8,190 bytes."),
    429: OpenApiResponse(ErrorSerializer, "Too many requests; `Retry-After` says for how many seconds to wait."),
}
#: What a list may answer besides: a page beyond the last.
LIST_WRONG = {**WRONG, 404: OpenApiResponse(_MESSAGES, "There is no such page: a message under `page`.")}
_DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
#: A list below another address: that one, or the page, may be missing.
SUBLIST_WRONG = {**WRONG, 404: OpenApiResponse({"oneOf": [_MESSAGES, _DETAIL]}, "No such vocabulary, or no such page.")}
NOT_FOUND = {**WRONG, 404: OpenApiResponse(ErrorSerializer, "Nothing public has this address.")}


class SchemaView(PublicView):
    """The description itself."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the OpenAPI description, as JSON or (``format=yaml`` or the Accept header) as YAML."""
        return Response(schema_of_today())


@cache
def api_schema() -> dict[str, Any]:
    """Return the description; it is the same for everybody and as long as the process lives."""
    return SchemaGenerator().get_schema(request=None, public=True)


def schema_of_today() -> dict[str, Any]:
    """Return the description with the values that the catalogue knows today for every filter with a list.

    Other values are answered with 400, so the description must say which ones are right.
    """
    options = filter_options()
    schema = deepcopy(api_schema())
    for operation in schema["paths"].values():
        for parameter in operation.get("get", {}).get("parameters", []):
            name = parameter["name"]
            if name not in options or parameter["in"] != "query":
                continue
            values = [option.value for option in options[name]]
            is_several = parameter["schema"]["type"] == "array"
            if values:
                (parameter["schema"]["items"] if is_several else parameter["schema"])["enum"] = values
            elif is_several:
                parameter["schema"]["maxItems"] = 0
    return schema


@csrf_exempt  # nothing is written, and the error would be a page where JSON is promised
def docs(request: HttpRequest) -> HttpResponse:
    """Show the description as a page on which requests can be tried."""
    if request.method not in ("GET", "HEAD"):
        response = JsonResponse({"detail": f'Method "{request.method}" not allowed.'}, status=405)
        response["Allow"] = "GET, HEAD"
        return response
    return render(request, "api/docs.html", {"attribution": ATTRIBUTION})
