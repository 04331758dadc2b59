"""Goroot trees: entries, readers for every form a toolchain comes in."""
