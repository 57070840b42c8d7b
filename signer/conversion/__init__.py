"""What other programs have written, as the Markdown of a policy."""
