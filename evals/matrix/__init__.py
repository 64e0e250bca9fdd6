"""Prompt versions beside each other by models, over the same golden cases."""
