"""Search over the words of clusters: reading a query, ranking what it finds, suggestions."""
