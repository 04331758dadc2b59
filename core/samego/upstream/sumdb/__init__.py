"""The signed checksum database: notes, transparency log, client."""
