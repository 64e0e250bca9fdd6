"""Frozen facts of the product and the legal steps between them. No I/O, no clock."""
