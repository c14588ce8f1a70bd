"""What all answers of the public API share: parameters, caching, use from other sites."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial, wraps
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.answers import answer_key, answers, store_answer
from catalogue.index.changes import pinned_version
from catalogue.listing.filters import TRACKING_PREFIXES

SAFE_METHODS = ("GET", "HEAD")
#: Caches may keep an answer but must ask whether it still holds (the ETag makes that cheap). A time to
#: live would show clusters after they were withdrawn, and counts that disagree with the page.
CACHE_CONTROL = "public, no-cache"
CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, X-Request-ID",
}
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, X-Request-ID",
    "Access-Control-Max-Age": "86400",
}


class ContentNegotiation(DefaultContentNegotiation):
    """Refuses a wrong ``format`` as a wrong value; the framework says "not found"."""

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> list[BaseRenderer]:
        """Return the renderers of ``format``."""
        renderers = list(renderers)
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            known = " or ".join(sorted({renderer.format for renderer in renderers}))
            raise ValidationError({"format": [f"Answers come as {known}."]})
        return found


class PublicView(APIView):
    """A view that anybody may read, from any site, and keep with its ETag.

    ``parameters`` are the parameters that it knows; another one is refused with 400. ``None`` leaves the
    check to the view.
    """

    content_negotiation_class = ContentNegotiation
    parameters: Iterable[str] | None = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse unknown parameters before the view works."""
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS and (empty := empty_parameters(request)):
            raise ValidationError(empty)
        if self.parameters is not None and request.method in SAFE_METHODS:
            known = [*self.parameters, "format"]
            unknown = [n for n in request.query_params if n not in known and not n.startswith(TRACKING_PREFIXES)]
            if unknown:
                message = f"This parameter is not known here. Known are {', '.join(known)}."
                raise ValidationError({name: [message] for name in unknown})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let the answers of ``get`` be made once for each version of the catalogue."""
        super().__init_subclass__(**kwargs)
        if "get" in cls.__dict__:
            cls.get = _by_version(cls.get)  # type: ignore[attr-defined]

    def check_throttles(self, request: Request) -> None:
        """Count requests for data only: a browser's question whether it may ask costs nothing."""
        if request.method != "OPTIONS":
            super().check_throttles(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the headers for caches and other sites, and answer 304 where the caller has it already."""
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Accept"])
        _add_headers(response, CORS_HEADERS)
        if request.method == "OPTIONS":
            _add_headers(response, PREFLIGHT_HEADERS)
        if response.status_code in (200, 304) and request.method in SAFE_METHODS:
            response["Cache-Control"] = CACHE_CONTROL
            if isinstance(response, Response) and response.has_header("ETag"):
                response.add_post_render_callback(partial(_stored, request))
        elif response.status_code in (301, 302):
            # A cluster may get its earlier address back: a cached permanent redirect would go in a circle.
            response["Cache-Control"] = "no-cache"
        else:
            response["Cache-Control"] = "no-store"
        return response


def empty_parameters(request: Request) -> dict[str, list[str]]:
    """Return a message for every parameter without a value; a form sends such, a program means something else."""
    return {
        name: ["Give a value, or leave the parameter out."]
        for name, values in request.query_params.lists()
        if name not in ("q", "town", "near")
        and not name.startswith(TRACKING_PREFIXES)
        and not all(value.strip() for value in values)
    }


def _by_version(get: Any) -> Any:
    """Wrap the method of a view: requests were checked and counted before it, headers are added after it."""

    @wraps(get)
    def answer(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with pinned_version():
            key = answer_key(request._request)
            etag = f'"{key}"'
            # "*" means any answer; whether there is one, the view knows.
            asks = "*" not in (
                request.headers.get("If-None-Match", "").strip(),
                request.headers.get("If-Match", "").strip(),
            )
            conditional = get_conditional_response(request._request, etag=etag) if asks else None
            if conditional is not None and conditional.status_code == 412:
                return JsonResponse({"detail": "This is not the version that If-Match asks for."}, status=412)
            if conditional is not None:
                conditional["ETag"] = etag
                return conditional
            if (stored := answers.get(key)) is not None:
                return stored.response()
            response = get(view, request, *args, **kwargs)
            if response.status_code == 200:
                response["ETag"] = etag
            return response

    return answer


def _stored(request: Request, response: Response) -> HttpResponseBase | None:
    """Store what was rendered, and send it packed as it is stored."""
    return store_answer(response["ETag"].strip('W/"'), response, request._request)


def _add_headers(response: HttpResponseBase | HttpResponse, headers: dict[str, str]) -> None:
    for name, value in headers.items():
        response[name] = value
