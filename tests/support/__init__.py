"""What several tests share: pinned inputs, repacked packages, tampering, the command line."""
