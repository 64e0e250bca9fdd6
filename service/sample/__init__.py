"""The sample community: an invented product, written for the demo and the evals."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable

from service.domain.base import Bilingual, Lang
from service.domain.community import Community


def community() -> Community:
    """The community's own data."""
    raw = tomllib.loads(_root().joinpath("community.toml").read_text(encoding="utf-8"))
    return Community(
        id=raw["id"],
        name=Bilingual(**raw["name"]),
        default_lang=Lang(raw["default_lang"]),
        timezone=raw["timezone"],
        tone=Bilingual(zh=raw["tone"]["zh"].strip(), en=raw["tone"]["en"].strip()),
        staff=frozenset(raw["staff"]),
    )


def documents() -> Iterator[tuple[str, bytes]]:
    """File names and contents of rules, FAQ and facts."""
    for folder in ("rules", "faq"):
        for entry in sorted(_root().joinpath(folder).iterdir(), key=lambda item: item.name):
            if entry.name.endswith(".md"):
                yield entry.name, entry.read_bytes()


def messages(now: datetime) -> list[dict[str, object]]:
    """Ingest items, oldest first, dated back from `now`."""
    lines = _root().joinpath("messages.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [_item(row, now) for row in sorted(rows, key=lambda row: -int(row["minutes_ago"]))]


def _item(row: dict[str, object], now: datetime) -> dict[str, object]:
    sent = now - timedelta(minutes=float(str(row["minutes_ago"])))
    kept = ("source", "external_id", "author", "text", "channel", "thread", "reply_to")
    return {key: row[key] for key in kept if row.get(key)} | {"sent_at": sent}


def _root() -> Traversable:
    return files(__name__)
