"""Pages that only answer questions."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponseBase]


def read_only(view: View) -> View:
    """Answer GET and HEAD; refuse everything else with 405.

    Without the exemption a POST would be refused for its missing token, as if there were a form.
    """
    safe: Any = require_safe(view)
    return csrf_exempt(safe)
