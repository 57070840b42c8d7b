"""Reconciliation: whether all that is kept of a signature agrees with itself.

Requests, declarations, PDFs, the log, the outbox and the files each tell a part of it.
"""
