"""Rebuilds upstream's source on this machine, isolated, with stated settings."""
