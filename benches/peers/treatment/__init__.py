"""A policy, compiled, and what it does with the columns of a row."""
