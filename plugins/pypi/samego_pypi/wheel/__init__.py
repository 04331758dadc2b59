"""Reads a wheel: its files, its record and its metadata."""
