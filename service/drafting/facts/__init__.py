"""Facts as a text may show them: labels and values in both languages, worded by code."""
