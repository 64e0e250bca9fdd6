"""Materialises the bundled embedding model once, offline, and verifies it."""
