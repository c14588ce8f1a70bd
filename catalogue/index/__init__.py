"""The catalogue in memory: sets of clusters as bitmaps, brought up to the database at every use."""
