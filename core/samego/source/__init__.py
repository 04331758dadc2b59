"""Where a release's source came from: vendored modules, opaque files, packing, git, generators."""
