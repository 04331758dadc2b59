"""Pairing two trees, findings, consequences and the verdict."""
