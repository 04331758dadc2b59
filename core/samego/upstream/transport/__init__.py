"""One HTTP client, and the meaning of answers."""
