"""What the outbox does: write, send, settle, forget. Other apps write mails by :mod:`outbox.services.posting`."""
