"""The machine's files, locks, signals and processes, used safely among other users."""
