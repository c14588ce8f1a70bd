"""Guides, rounds, assessments and their calculations. Knows ``catalogue`` and the rooms below it."""
