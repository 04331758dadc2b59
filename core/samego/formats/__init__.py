"""Reading bytes that somebody else wrote, strictly: executables, archives, trees."""
