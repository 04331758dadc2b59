"""Files by digest, and small records beside them, shared by several runs."""
