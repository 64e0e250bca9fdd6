"""HTTP: the JSON API under /v1 and the server-rendered review pages."""
