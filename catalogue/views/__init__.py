"""Public views of the catalogue: pages, and the outputs for programs and other sites."""
