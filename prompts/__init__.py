"""What we ask a model: template files, and the loader that turns them into prompts.

This package knows nothing of the product around it.
"""
