"""What public forms refuse, with a message for the person who asked."""


class RequestRefused(Exception):
    """Base of all refusals of public forms and links; the message is meant to be shown."""


class LinkNotUsable(RequestRefused):
    """A link that leads nowhere (any more); ``why`` is "used", "expired" or "foreign"."""

    MESSAGES = {
        "used": "This link was used already.",
        "expired": "This link is too old.",
        "foreign": "This link is not complete, or it does not come from us.",
    }

    def __init__(self, why: str) -> None:
        """Keep the reason as a word that pages can ask for."""
        self.why = why
        super().__init__(self.MESSAGES[why])
