"""Protocols the flows need; adapters live in `db`, `llm`, `connectors`, `jobs` and the engines."""
