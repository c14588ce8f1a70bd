"""Contacts, interactions, campaigns, events and spotlights. Knows ``submissions`` and the apps below it."""
