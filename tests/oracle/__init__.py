"""What samego reads of a package, compared with what the real installer makes of it."""
