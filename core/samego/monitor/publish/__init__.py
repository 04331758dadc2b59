"""A directory of pages brought to where others read them, all at once."""
