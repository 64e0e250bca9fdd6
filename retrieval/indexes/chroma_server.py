"""Chroma as a server of its own, shared by any number of processes."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit
from urllib.request import urlopen

from retrieval.errors import IndexUnavailable
from retrieval.indexes.chroma import ChromaStore, translated


def open_server(url: str, *, timeout_s: float) -> ChromaStore:
    """Connect to a Chroma server; every call ends after `timeout_s` seconds at most.

    Raises:
        IndexUnavailable: the URL is unusable or the server does not answer.
    """
    address = _address(url)
    _heartbeat(url, timeout_s)
    with translated("connect"):
        import chromadb
        import httpx
        from chromadb.config import Settings

        client = chromadb.HttpClient(
            host=address.hostname or "",
            port=_port(address),
            ssl=address.scheme == "https",
            settings=Settings(anonymized_telemetry=False),
        )
        # Chroma's client waits for ever, leaves its connections open when closed and has no
        # setting for either; tests hold this in place
        sessions: list[httpx.Client] = [
            part._server._session for part in (client, client._admin_client)
        ]
        for session in sessions:
            session.timeout = httpx.Timeout(timeout_s)

    def close() -> None:
        for session in sessions:
            session.close()

    return ChromaStore(client, on_close=close)


def _address(url: str) -> SplitResult:
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname or address.path.strip("/"):
        raise IndexUnavailable(
            f"the vector store URL {url!r} is not usable: give it as http://host:port"
        )
    return address


def _port(address: SplitResult) -> int:
    return address.port or (443 if address.scheme == "https" else 8000)


def _heartbeat(url: str, timeout_s: float) -> None:
    address = _address(url)
    beat = f"{address.scheme}://{address.hostname}:{_port(address)}/api/v2/heartbeat"
    try:
        with urlopen(beat, timeout=timeout_s):  # noqa: S310 (scheme checked above)
            return
    except OSError as error:
        raise IndexUnavailable(
            f"the vector store at {url} does not answer: start it with `chroma run`, or correct "
            "its URL; search goes on without it"
        ) from error
