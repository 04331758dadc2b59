"""The history as static web pages."""
