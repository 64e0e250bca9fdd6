"""Reading for pages and lists."""

from service.db.queries.facade import SqlQueries
from service.db.queries.figures import SqlFigures
from service.db.queries.insights import SqlInsights

__all__ = ["SqlFigures", "SqlInsights", "SqlQueries"]
