"""Reads an npm package: its files and its metadata."""
