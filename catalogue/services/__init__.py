"""Write actions of the catalogue, by topic."""
