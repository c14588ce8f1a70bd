"""Two clusters become one, and how that is undone."""
