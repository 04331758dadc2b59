"""Reference builds: toolchains built here to prove a package's executables."""
