"""Releasing the draft, step by step."""
