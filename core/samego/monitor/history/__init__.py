"""The results of every run, kept in SQLite."""
