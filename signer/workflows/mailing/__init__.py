"""Sending mail: pauses, pace, dead letters, and what the operator hears of them."""
