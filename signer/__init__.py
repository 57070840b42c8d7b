"""A policy that every parent reads and signs, again, each time it changes."""
