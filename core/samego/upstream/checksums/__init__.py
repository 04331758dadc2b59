"""Which sums are known for a file, and who states them."""
