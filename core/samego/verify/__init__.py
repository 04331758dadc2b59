"""A second person's check: replays every proof of a report on its files."""
