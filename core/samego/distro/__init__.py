"""The interface that a distro's plugin implements, and what plugins share."""
