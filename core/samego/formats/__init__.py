"""Strict readers of foreign bytes: executables, archives, trees."""
