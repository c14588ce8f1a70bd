"""What other rooms may do with mail: write one, look it up, stop it; and whom not to write to."""

from outbox.addresses import AddressNotUsable
from outbox.rendering import MailNotRenderable
from outbox.services.posting import (
    cancel,
    cancel_about,
    forget_about,
    forget_old,
    forget_person,
    is_on_its_way,
    last_written,
    messages_about,
    post,
)
from outbox.services.resolving import MessageNotOpen, mark_delivered, resend
from outbox.services.suppression import is_suppressed, lift, suppress

__all__ = [
    "AddressNotUsable",
    "MailNotRenderable",
    "MessageNotOpen",
    "cancel",
    "cancel_about",
    "forget_about",
    "forget_old",
    "forget_person",
    "is_on_its_way",
    "is_suppressed",
    "last_written",
    "lift",
    "mark_delivered",
    "messages_about",
    "post",
    "resend",
    "suppress",
]
