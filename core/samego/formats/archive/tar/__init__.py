"""Tar archives, read as their installer reads them."""
