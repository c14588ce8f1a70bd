"""What is checked before any view of the workplace works."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.views import bad_request

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
