"""What a package was built from: the PKGBUILD."""
