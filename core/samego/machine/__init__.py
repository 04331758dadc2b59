"""The Go toolchains of a machine, or of what is laid out like one: where they lie, each once."""
