"""The triage engine: redaction, signals, heads, duplicates and themes; it does no I/O of its own
beyond reading its data files and a cache folder that is passed in."""
