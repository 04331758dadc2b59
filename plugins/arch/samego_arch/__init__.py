"""Arch Linux: packages, policy and hooks."""
