"""The platforms we know."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from service.domain.channel import Channel, Platform

_FILE = Path(__file__).with_name("platforms.toml")


@cache
def platforms() -> Mapping[str, Platform]:
    """By id, in the file's order."""
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {name: Platform.model_validate(one | {"id": name}) for name, one in tables.items()}


def known_channels(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    """The channels, if each has a name of its own and a platform we know.

    Raises:
        ValueError: says which.
    """
    for channel in channels:
        if channel.platform not in platforms():
            known = ", ".join(platforms())
            raise ValueError(f"unknown platform; known are {known}")
    if len({channel.name for channel in channels}) < len(channels):
        raise ValueError("two channels carry the same name")
    return channels
