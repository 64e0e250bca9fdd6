"""PostgreSQL: embedded server, tables, migrations, repositories and page queries."""
