"""Trees of files: from a directory, put together, and GOROOT inside a payload."""
