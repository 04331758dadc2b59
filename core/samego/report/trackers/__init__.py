"""Reports in the formats that trackers read: one module per format."""
