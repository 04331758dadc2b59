"""What other tools call, and what samego sends to them."""
