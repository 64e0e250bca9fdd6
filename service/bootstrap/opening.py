"""From settings to a running application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from service.bootstrap.application import Application, Parts
from service.bootstrap.secrets import load_secrets
from service.settings import Settings


@asynccontextmanager
async def open_application(
    settings: Settings, *, parts: Parts | None = None, migrate: bool | None = None
) -> AsyncIterator[Application]:
    """Start the database where it is ours, migrate it there, and hand out the application.

    Args:
        migrate: whether to bring the schema up to date; by default only an embedded database.

    Raises:
        ConfigurationError: settings or schema do not allow to start; the message says the remedy.
    """
    async with AsyncExitStack() as stack:
        url = await _database(settings, stack)
        await asyncio.to_thread(_schema, url, settings.embedded if migrate is None else migrate)
        from service.db.engine import make_engine

        application = Application(
            settings,
            database_url=url,
            engine=make_engine(url),
            secrets=load_secrets(settings),
            parts=parts,
        )
        stack.push_async_callback(application.close)
        await application.follow()
        yield application


async def _database(settings: Settings, stack: AsyncExitStack) -> str:
    if settings.database_url is not None:
        return settings.database_url
    from service.db.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(settings.data_dir.expanduser() / "postgres")
    url = await asyncio.to_thread(server.start)
    stack.callback(server.stop)
    return url


def _schema(url: str, migrate: bool) -> None:
    from service.db.migrate import require_current, upgrade

    if migrate:
        upgrade(url)
    require_current(url)
