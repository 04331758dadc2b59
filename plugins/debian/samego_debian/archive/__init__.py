"""Where Debian serves its packages: mirror, lists, suites."""
