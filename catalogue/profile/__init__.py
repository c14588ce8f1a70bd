"""One cluster's page: details, similar clusters, comparison, structured data."""
