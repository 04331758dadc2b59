"""Debian: packages, policy and hooks."""
