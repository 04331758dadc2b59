"""What independent rebuilders say of a file: whom a verifier asks, and when it is enough."""
