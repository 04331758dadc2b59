"""What values say in English: one module for each kind of value."""
