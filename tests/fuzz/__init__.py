"""Every parser of what somebody else wrote, on mutated input."""
