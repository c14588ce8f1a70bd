"""Guides, rounds, assessments and their calculations. Knows ``duplicates`` and the apps below it."""
