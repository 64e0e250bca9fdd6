"""Where a provider's key is: in the settings, in a variable, or in a file."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import SecretStr

from service.errors import ConfigurationError
from service.settings import ProviderSettings


def key_of(provider: ProviderSettings) -> SecretStr | None:
    """The key, or None where none is needed.

    Raises:
        ConfigurationError: it is not where `api_key_ref` says.
    """
    if provider.api_key_ref is None:
        return provider.api_key
    kind, _, place = provider.api_key_ref.partition(":")
    key = os.environ.get(place, "") if kind == "env" else _read(provider.name, place)
    if not key.strip():
        raise ConfigurationError(
            f"The key of provider {provider.name!r} is not in {provider.api_key_ref}."
        )
    return SecretStr(key.strip())


def _read(name: str, place: str) -> str:
    try:
        return Path(place).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The key file {place} of provider {name!r} cannot be read."
        ) from error
