"""Archives and compressed streams, read strictly and in one pass."""
