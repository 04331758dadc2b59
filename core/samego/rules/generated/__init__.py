"""The files that cmd/dist writes from build settings, written again here, per release."""
