"""Reading for pages and lists."""

from service.db.queries.facade import SqlQueries

__all__ = ["SqlQueries"]
