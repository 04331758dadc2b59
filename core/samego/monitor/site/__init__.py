"""The history as a static web site."""
