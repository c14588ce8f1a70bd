"""What is checked before any view works."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.views import bad_request, too_large

GetResponse = Callable[[HttpRequest], HttpResponse]


def refuse_null_characters(get_response: GetResponse) -> GetResponse:
    """Refuse addresses of the workplace that hold a null character: PostgreSQL cannot look for one.

    Public pages check their own parameters and say which one is wrong; the admin's filters do not (its searches, ``q`` and ``term``, do).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/admin/"):
            values = [
                value
                for values in request.GET.lists()
                for value in (values[0], *values[1])
                if values[0] not in ("q", "term")
            ]
            if any("\0" in value for value in values):
                return bad_request(request)
        return get_response(request)

    return middleware


#: The largest request that anybody may send: a logo of 1 MB, long texts, and a reserve.
MAX_PUBLIC_BYTES = 4_000_000


def refuse_large_requests(get_response: GetResponse) -> GetResponse:
    """Refuse a request that is too large before anything of it is read.

    Django limits the fields of a form but not its files, and it reads them before a view can say no. Staff in
    the workplace may send large files.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > MAX_PUBLIC_BYTES:
            # Asked only now: whoever is not signed in gets nothing read, not even at the sign-in page.
            is_staff = request.path.startswith("/admin/") and request.user.is_staff
            if not is_staff:
                return too_large(request)
        return get_response(request)

    return middleware
