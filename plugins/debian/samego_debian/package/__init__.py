"""Binary packages: what they are, what they say of themselves, what they hold."""
