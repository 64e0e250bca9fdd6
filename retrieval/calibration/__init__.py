"""Questions that say how far the search can be trusted, and the corpora they are asked of."""
