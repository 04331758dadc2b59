"""The places where upstream publishes: one module per channel."""
