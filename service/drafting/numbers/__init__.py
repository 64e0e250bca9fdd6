"""Numbers in texts: reading them in digits and in words, and telling which fact each one is."""
