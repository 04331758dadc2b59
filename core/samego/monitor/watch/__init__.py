"""Finding what is new, checking it, and notifying."""
