"""Looking at what is new, checking it, and telling."""
