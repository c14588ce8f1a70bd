"""Finding and merging duplicates of clusters."""
