"""Who is counted by the throttle of the API."""

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle

from publicforms.client_address import client_address


class VisitorRateThrottle(AnonRateThrottle):
    """Counts visitors as sign-in and the public forms do; the framework counts every port and IPv6 address."""

    def get_ident(self, request: Request) -> str:
        """Return the address that counts as the visitor."""
        return client_address(request)
