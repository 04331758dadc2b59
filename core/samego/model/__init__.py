"""What every part speaks of, as plain values. Nothing here reads or writes."""
