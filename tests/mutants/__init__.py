"""Mutation testing of the rooms that decide: a seeded sample of changes, which tests must see."""
