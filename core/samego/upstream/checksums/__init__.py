"""The known checksums of a file, and their sources."""
