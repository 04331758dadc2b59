"""Rebuilding: upstream's source built here, with stated settings, cut off from the rest."""
