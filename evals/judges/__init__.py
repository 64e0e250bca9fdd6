"""LLM judges of stored answers: asking them, and whether their word counts."""
