"""``samego check``: what a distro shipped against what upstream posted."""
