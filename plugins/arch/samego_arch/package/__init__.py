"""One package file: what it is, what it says of itself, what it holds."""
