"""Public answers that are made once for each version of the catalogue, and conditional requests.

An answer of the memory is right because of its key: the version of the catalogue as this request sees it, everything of
the request that an answer depends on, the day, and the program itself. Nothing in it is ever too old, so nothing expires;
the answers that were asked for longest ago make way.
"""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

from catalogue.index.changes import current_version, pinned_version

View = Callable[..., HttpResponseBase]
#: Caches outside may keep an answer, but must ask whether it still holds.
CACHE_CONTROL = "no-cache"
#: Headers of a request that an answer depends on.
_VARY = ["Accept-Encoding", "HX-Request", "HX-Target"]
#: An answer that is larger is not stored.
LARGEST = 1_000_000
#: Below this many bytes packing costs more than it saves.
LEAST_PACKED = 200


@dataclass(frozen=True)
class StoredAnswer:
    """A whole answer with its headers, packed if the visitor takes that."""

    content: bytes
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes, with its key and headers."""
        return len(self.content) + 2_000

    def response(self) -> HttpResponse:
        """Return it as Django sends it."""
        response = HttpResponse(self.content)
        for name, value in self.headers:
            response.headers[name] = value
        return response


class Answers:
    """Answers by key, the ones used longest ago first; at most ``ANSWER_MEMORY_MB`` megabytes in each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stored: OrderedDict[str, StoredAnswer] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> StoredAnswer | None:
        """Return the answer, if it is there."""
        with self._lock:
            if (found := self._stored.get(key)) is not None:
                self._stored.move_to_end(key)
            return found

    def put(self, key: str, answer: StoredAnswer) -> None:
        """Store an answer; others make way."""
        with self._lock:
            if key in self._stored:
                return
            self._stored[key] = answer
            self._bytes += answer.size
            while self._bytes > settings.ANSWER_MEMORY_MB * 1_000_000 and self._stored:
                _key, old = self._stored.popitem(last=False)
                self._bytes -= old.size

    def clear(self) -> None:
        """Forget all of them, for tests and measurements."""
        with self._lock:
            self._stored.clear()
            self._bytes = 0


answers = Answers()


def by_version(view: View) -> View:
    """Answer GET and HEAD with what was made for the same version, and 304 where the visitor has it already.

    For views whose answers depend on nothing but watched tables (:data:`catalogue.index.changes.WATCHED`), the address,
    the host and the headers of ``_VARY``; not on who asks. Streams, errors and answers with cookies are not stored.
    """

    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return view(request, *arguments, **names)
        with pinned_version():
            key = answer_key(request)
            etag = f'W/"{key}"'
            # "*" means any answer; whether there is one, the view knows.
            asks = request.headers.get("If-None-Match", "").strip() not in ("", "*")
            not_modified = get_conditional_response(request, etag=etag) if asks else None
            if not_modified is not None and not_modified.status_code == 304:
                not_modified.headers["ETag"] = etag
                not_modified.headers["Cache-Control"] = CACHE_CONTROL
                patch_vary_headers(not_modified, _VARY)
                return not_modified
            if (stored := answers.get(key)) is not None:
                return stored.response()
            response = view(request, *arguments, **names)
            if response.status_code != 200 or getattr(response, "is_unanswered", False):
                return response
            response.headers["ETag"] = etag
            response.headers.setdefault("Cache-Control", CACHE_CONTROL)
            patch_vary_headers(response, _VARY)
            return store_answer(key, response, request) or response

    return answer


def answer_key(request: HttpRequest) -> str:
    """Return what an answer depends on, as a short text that also is its ETag; one query, for the version."""
    parts = (
        str(current_version()), _program(), timezone.localdate().isoformat(), str(request.scheme), request.get_host(),
        request.get_full_path(), request.headers.get("HX-Request", ""), request.headers.get("HX-Target", ""),
        request.headers.get("Accept", "") if request.path.startswith("/api/") else "", str(_takes_gzip(request)),
    )  # fmt: skip
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def store_answer(key: str, response: HttpResponseBase, request: HttpRequest) -> HttpResponse | None:
    """Store a rendered answer of ``by_version`` and return what is sent instead; ``None`` if it is not to be stored."""
    if (
        not settings.ANSWER_MEMORY_MB
        or not isinstance(response, HttpResponse)
        or response.streaming
        or response.cookies
        or "no-store" in response.headers.get("Cache-Control", "")
        or len(response.content) > LARGEST
    ):
        return None
    content, headers = response.content, dict(response.headers)
    if len(content) >= LEAST_PACKED and _takes_gzip(request):
        content = gzip.compress(content, compresslevel=6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(content))
    stored = StoredAnswer(content, tuple(headers.items()))
    answers.put(key, stored)
    return stored.response()


def _takes_gzip(request: HttpRequest) -> bool:
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _semicolon, weight = part.strip().partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _program() -> str:
    """Return what distinguishes this program from another one; under a program in development files change."""
    return token_hex(8) if settings.DEBUG else _files()


@cache
def _files() -> str:
    """Return a digest of the files that answers are made by: a new template must not be answered with an old ETag."""
    folders = [Path(settings.BASE_DIR) / name for name in ("templates", "static", *_LOCAL_APPS)]
    found = blake2b(digest_size=8)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".html", ".txt", ".css", ".js", ".svg") and path.is_file():
                facts = path.stat()
                found.update(f"{path.name}{facts.st_size}{facts.st_mtime_ns}".encode())
    return found.hexdigest()


_LOCAL_APPS = ("catalogue", "consortium", "portal", "publicforms", "spreadsheets")
