"""The outbox in the workplace."""
