"""How hard tests with invented input try."""

from hypothesis import settings


def examples(full: int) -> int:
    """Return how many examples a test takes: ``full`` in `make test-long`, else a quarter, but at least 5.

    For tests whose examples cost queries. Those that only calculate state their number themselves.
    """
    return full if settings.get_current_profile_name() == "long" else max(full // 4, 5)
