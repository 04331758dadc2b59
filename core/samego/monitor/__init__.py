"""What runs over time: history, watch, site, publish."""
