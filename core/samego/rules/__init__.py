"""Rules: one proof per module."""
