"""Strict readers of small archive formats: every byte of a file is accounted for, or refused."""
