"""Facts of executable files, read strictly."""
