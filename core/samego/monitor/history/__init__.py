"""What was found over time: every run, kept in SQLite."""
