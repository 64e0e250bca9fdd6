"""Which sentences of a draft its clauses, facts and brief support, and which they do not."""
