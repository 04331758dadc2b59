"""Publishes a directory of pages atomically."""
