"""What is wrong with the data of published clusters: opened and closed by the nightly run."""
