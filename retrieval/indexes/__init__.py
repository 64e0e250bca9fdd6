"""Adapters of the VectorStore and LexicalIndex ports."""
