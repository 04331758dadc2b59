"""``samego check``: compares what a distro shipped with what upstream posted."""
