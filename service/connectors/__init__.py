"""Inbound and outbound, one file each: what crosses the border of the service."""
