"""Findings about the data of published clusters, and asking clusters whether profiles are still right."""
