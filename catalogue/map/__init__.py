"""Maps: places counted by region, projection, outlines."""
