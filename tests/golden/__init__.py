"""What samego writes for people, kept as it is: a change of wording is seen, and decided."""
