"""Requests as they arrive through proxies, each of which appends the address that it saw."""


def sent_from(address: str, proxies: int, written: str = "") -> dict[str, str]:
    """Return what the server is given with a request from ``address`` through that many proxies of ours.

    ``address`` is written as the first proxy does, so it may have a port there. ``written`` is what the visitor
    wrote into ``X-Forwarded-For``.
    """
    connections = [address, *(f"10.0.0.{number + 1}" for number in range(proxies))]
    forwarded = ", ".join([*([written] if written else []), *connections[:-1]])
    return {"REMOTE_ADDR": connections[-1]} | ({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})
