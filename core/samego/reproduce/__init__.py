"""The distro's own rebuilders: runs one, and compares its result."""
