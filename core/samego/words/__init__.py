"""Values in English: one module for each kind of value."""
