"""How fast the portal is: ``make bench`` (docs/performance.md). Never part of the tests or of production."""
