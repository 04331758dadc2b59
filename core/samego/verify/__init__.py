"""A second person's check: every proof of a report, replayed on the files it is about."""
