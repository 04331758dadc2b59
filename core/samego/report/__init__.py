"""The report model and one formatter per module."""
