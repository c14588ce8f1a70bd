"""Spreadsheets that become submissions."""
