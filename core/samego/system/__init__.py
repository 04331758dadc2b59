"""What the machine gives, handled so that others on it cannot turn it against us."""
