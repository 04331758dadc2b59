"""The distro's own rebuilders: running one, and comparing what it gave."""
