"""What other tools call, and what is fed to them."""
