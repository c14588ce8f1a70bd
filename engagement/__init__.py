"""Contacts, interactions, campaigns, events and spotlights. Knows ``catalogue`` and the rooms below it."""
