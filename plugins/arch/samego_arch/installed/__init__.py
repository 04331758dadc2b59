"""What pacman says is installed."""
