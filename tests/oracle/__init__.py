"""What samego reads of a package, held against what the real installer makes of it."""
