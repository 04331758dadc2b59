"""Signed results: an in-toto statement on a report, in a DSSE envelope."""
