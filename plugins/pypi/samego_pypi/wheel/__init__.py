"""Reading a wheel: its files, its record, and what it says of itself."""
