"""Where two files differ: one module for each form of file."""
