"""Strict readers of small archive formats: bytes without a meaning are refused."""
