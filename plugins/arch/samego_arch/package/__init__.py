"""One package file: its kind, its metadata, its files."""
