"""Submissions through the REST API, by partner sites with a token."""
