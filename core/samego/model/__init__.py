"""The values that all rooms share. Nothing here reads or writes files."""
