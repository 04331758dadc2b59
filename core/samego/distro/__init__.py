"""What a distro's plugin fills in, and what plugins share."""
