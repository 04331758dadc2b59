"""Asks independent rebuilders what they say of a file: one module for each kind of answer."""
