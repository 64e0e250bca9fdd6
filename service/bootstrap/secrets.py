"""Keys that sign, configured or made on the first start."""

from __future__ import annotations

import hashlib
import hmac
import secrets as random_secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from service.settings import Settings


@dataclass(frozen=True)
class Secrets:
    """Keys that sign sessions, deliveries and inbound webhooks."""

    session: str
    delivery: str
    inbound: str

    def inbound_of(self, community: str) -> str:
        """The secret that signs one community's inbound webhook: a body signed for one
        community proves nothing for another."""
        return hmac.new(self.inbound.encode(), community.encode(), hashlib.sha256).hexdigest()


def load_secrets(settings: Settings) -> Secrets:
    """Configured secrets, or random ones kept in the data folder from the first start on."""
    folder = settings.data_dir.expanduser() / "secrets"

    def kept(name: str) -> str:
        path = folder / name
        if not path.exists():
            _write_once(path, random_secrets.token_urlsafe(48))
        return path.read_text().strip()

    configured = {
        "session": settings.secret_key,
        "delivery": settings.delivery.secret,
        "inbound": settings.inbound_secret,
    }
    values = {
        name: value.get_secret_value() if value else kept(name)
        for name, value in configured.items()
    }
    return Secrets(**values)


def _write_once(path: Path, text: str) -> None:
    """Create a private file unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{random_secrets.token_hex(6)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
