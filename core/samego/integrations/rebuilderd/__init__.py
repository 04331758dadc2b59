"""A rebuilderd daemon: what is read from it and queued in it, and what its workers run."""
