"""The public catalogue: clusters, vocabularies, regions, networks, search, pages and REST API."""
