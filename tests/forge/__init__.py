"""A campaign of forged packages: each is a real one with one thing (or two) changed."""
