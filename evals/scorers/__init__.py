"""One scorer a file, registered by decorator; see `evals/registry.py`."""
