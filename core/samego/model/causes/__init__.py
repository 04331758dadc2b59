"""Why a path is not the same on both sides: one module for each kind of finder."""
