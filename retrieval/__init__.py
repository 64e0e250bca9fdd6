"""Meaning and memory: text becomes vectors, vectors tell what is near.

This package knows nothing of drafts, reviews or the product around it.
"""
