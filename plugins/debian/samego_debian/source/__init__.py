"""What a package was built from: the source package and the build's record."""
