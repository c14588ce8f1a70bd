"""What the outbox does: write, send, settle, forget. :mod:`outbox.services.posting` is for other apps."""
