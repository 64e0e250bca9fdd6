"""One task a file, registered by decorator; each runs the production engine, never a copy."""
