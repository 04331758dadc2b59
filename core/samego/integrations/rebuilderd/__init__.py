"""A rebuilderd daemon: what it is asked and told, and what its workers run."""
