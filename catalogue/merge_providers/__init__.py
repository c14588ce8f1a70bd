"""What moves when two clusters become one, by the future app that it is part of."""
