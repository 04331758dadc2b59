"""Where Debian's tools call samego, and the files that are installed for that."""
