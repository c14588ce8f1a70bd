"""The filtered list: filters, facets, options and the page that shows them."""
