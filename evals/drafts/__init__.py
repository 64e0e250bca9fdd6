"""Many drafts of the production engine, kept for reading, with what went wrong counted."""
