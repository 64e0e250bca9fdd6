"""The product: ingest, triage, drafting, review and delivery for community operators."""
