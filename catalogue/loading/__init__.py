"""The data files of the catalogue: countries, regions, terms, clusters with their places, networks, priority rules."""
