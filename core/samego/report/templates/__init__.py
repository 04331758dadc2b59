"""Templates of the formats for people."""
