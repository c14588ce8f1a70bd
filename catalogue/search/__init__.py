"""Search over the words of clusters: reading a query, keeping the index, suggestions."""
