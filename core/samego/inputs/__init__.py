"""What decides the bytes of a toolchain, and what does not: tried, seen, and shown."""
