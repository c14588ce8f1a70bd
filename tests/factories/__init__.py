"""Factories for tests: one module per app, minimal rows, no surprises."""
