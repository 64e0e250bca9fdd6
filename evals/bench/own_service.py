"""A service of the benchmark's own: production parts on an embedded database in a temp folder."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from service.domain.base import Bilingual
from service.domain.community import Community
from service.ports.models import ChatModel
from service.settings import Settings

if TYPE_CHECKING:
    from service.bootstrap import Application

COMMUNITY = "bench"


@contextmanager
def own_settings(settings: Settings) -> Iterator[Settings]:
    """The settings with a data folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="huiyin-") as folder:
        yield settings.model_copy(update={"data_dir": Path(folder), "database_url": None})


@asynccontextmanager
async def own_service(
    settings: Settings, chat: ChatModel | None = None
) -> AsyncIterator[Application]:
    """An open, warm application with an empty community, `COMMUNITY`."""
    from service.bootstrap import Parts, open_application

    with own_settings(settings) as own:
        async with open_application(own, parts=Parts(chat=chat)) as application:
            await add_community(application)
            await application.warm_up()
            yield application


async def add_community(application: Application) -> None:
    """Store the community of the benchmark."""
    async with application.uow() as uow:
        await uow.communities.save(Community(id=COMMUNITY, name=Bilingual(zh="测速", en="Bench")))
        await uow.commit()


def items(texts: Sequence[str], first: int = 0) -> list[dict[str, object]]:
    """Ingest items, each by an author of its own, so that each is a case of its own."""
    return [
        {
            "source": "bench",
            "external_id": f"m{number}",
            "author": f"author{number}",
            "text": text,
            "channel": "bench",
        }
        for number, text in enumerate(texts, first)
    ]
