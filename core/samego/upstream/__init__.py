"""Where upstream publishes, and how its files are fetched and verified."""
