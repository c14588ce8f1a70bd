"""Exceptions of public forms, with messages for the person who sent one."""


class RequestRefused(Exception):
    """What was asked by a form or a link cannot be done; the message is meant to be shown."""


class LinkNotUsable(RequestRefused):
    """A link that leads nowhere (any more); ``why`` is "used", "expired" or "foreign"."""

    MESSAGES = {
        "used": "This link was used already.",
        "expired": "This link is too old.",
        "foreign": "This link is not complete, or it does not come from us.",
    }

    def __init__(self, why: str) -> None:
        """Keep ``why``, by which pages choose what to offer."""
        self.why = why
        super().__init__(self.MESSAGES[why])
