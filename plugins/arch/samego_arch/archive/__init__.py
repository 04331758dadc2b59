"""Where Arch serves its packages: mirror, databases, keys."""
