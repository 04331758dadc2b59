"""What dpkg says is installed."""
