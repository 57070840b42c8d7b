"""A release at the desk: the draft becomes a version, and parents are asked."""
