"""Fetch a model file: over https only, with its SHA-256, going on where it stopped."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from service.errors import InvalidInput, TransientProviderError
from service.llm.gguf import MAGIC

if TYPE_CHECKING:
    import httpx2

Progress = Callable[[int, int | None], None]
"""Receives bytes so far and bytes in all, where the server says."""

_CHUNK = 1024 * 1024
_TIMEOUT_S = 30.0


class Pulled(NamedTuple):
    """A model file of the cache folder."""

    path: Path
    size: int


def models_dir(cache_dir: Path) -> Path:
    """Where pulled models are kept."""
    return cache_dir.expanduser() / "gguf"


def pulled(folder: Path) -> tuple[Pulled, ...]:
    """The model files that are there, by name."""
    found = sorted(folder.glob("*.gguf")) if folder.is_dir() else []
    return tuple(Pulled(path, path.stat().st_size) for path in found)


def pull(
    url: str,
    sha256: str,
    folder: Path,
    *,
    progress: Progress,
    client: httpx2.Client | None = None,
) -> Path:
    """The model file under its name in `folder`; one that is there with this hash is left alone.
    What arrived of a broken download stays as `.part` and is gone on with.

    Raises:
        InvalidInput: no https address of a .gguf file, or the content is another than its hash
            says; nothing is kept of it.
        TransientProviderError: the server cannot be reached, refuses or breaks off.
    """
    target = folder / _name(url)
    if target.exists() and _digest(target) == sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    _fetch(url, part, progress, client)
    _verify(part, sha256)
    part.replace(target)
    return target


def _name(url: str) -> str:
    import httpx2

    try:
        parts = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as error:
        raise InvalidInput("This is no address.") from error
    name = parts.path.rsplit("/", 1)[-1]
    if parts.scheme != "https" or not parts.host:
        raise InvalidInput("Models are fetched over https only.")
    if not name.endswith(".gguf") or name.startswith(".") or "\\" in name or "\x00" in name:
        raise InvalidInput("The address must end in the name of a .gguf file.")
    return name


def _fetch(url: str, part: Path, progress: Progress, client: httpx2.Client | None) -> None:
    import httpx2

    there = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    opened = client or httpx2.Client(timeout=_TIMEOUT_S)
    try:
        with opened, _Answer(opened, url, headers) as answer:
            if answer.status_code == 416:
                return  # all of it is there; the hash decides
            _require_ok(answer)
            _write(answer, part, there if answer.status_code == 206 else 0, progress)
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        raise TransientProviderError(
            "The model's server cannot be reached, or broke off. Is this machine online? Run the "
            "command again to go on where it stopped."
        ) from error


def _require_ok(answer: httpx2.Response) -> None:
    if answer.status_code not in (200, 206):
        raise TransientProviderError(f"The model's server answered {answer.status_code}.")


class _Answer:
    """The streamed answer at the end of at most five redirects, each of them to https."""

    def __init__(self, client: httpx2.Client, url: str, headers: dict[str, str]) -> None:
        self._client, self._url, self._headers = client, url, headers

    def __enter__(self) -> httpx2.Response:
        import httpx2

        url = httpx2.URL(self._url)
        for _ in range(6):
            request = self._client.build_request("GET", url, headers=self._headers)
            self._response = self._client.send(request, stream=True)
            if not self._response.has_redirect_location:
                return self._response
            self._response.close()
            url = url.join(self._response.headers["location"])
            if url.scheme != "https":
                raise InvalidInput("The model's server leads away from https.")
        raise TransientProviderError("The model's server redirects without an end.")

    def __exit__(self, *_: object) -> None:
        self._response.close()


def _write(answer: httpx2.Response, part: Path, there: int, progress: Progress) -> None:
    length = answer.headers.get("content-length", "")
    total = there + int(length) if length.isdigit() else None
    if total is not None and total - there > shutil.disk_usage(part.parent).free:
        raise InvalidInput(f"The disk has no room for {total - there} more bytes.")
    with part.open("ab" if there else "wb") as file:
        for chunk in answer.iter_bytes(_CHUNK):
            file.write(chunk)
            there += len(chunk)
            progress(there, total)


def _verify(part: Path, sha256: str) -> None:
    with part.open("rb") as file:
        magic = file.read(len(MAGIC))
    found = _digest(part)
    if found != sha256:
        part.unlink()
        raise InvalidInput(f"What was fetched has the SHA-256 {found}, not the one given.")
    if magic != MAGIC:
        part.unlink()
        raise InvalidInput("What was fetched is no GGUF file.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
