"""Runs made readable: in the terminal, as one HTML file, as JSON."""
