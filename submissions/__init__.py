"""The public form, submissions, and their review: one state machine."""
