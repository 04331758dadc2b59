"""Reading an npm package: its files, and what it says of itself."""
