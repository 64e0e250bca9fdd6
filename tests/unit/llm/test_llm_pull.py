"""Model files come whole, checked, and go on where they stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from service.errors import AppError, InvalidInput, TransientProviderError
from service.llm.pull import pull, pulled

MODEL = b"GGUF" + bytes(range(256)) * 40
HASH = hashlib.sha256(MODEL).hexdigest()
URL = "https://models.example/small.gguf"

Handler = Callable[[httpx2.Request], httpx2.Response]


class Server:
    """Gives the model, with ranges; remembers what it was asked."""

    def __init__(self, content: bytes = MODEL) -> None:
        self.content, self.asked = content, list[str | None]()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        given = request.headers.get("range")
        self.asked.append(given)
        if given is None:
            return httpx2.Response(200, content=self.content)
        start = int(given.removeprefix("bytes=").removesuffix("-"))
        if start >= len(self.content):
            return httpx2.Response(416)
        return httpx2.Response(206, content=self.content[start:])


def fetch(handler: Handler, folder: Path, *, url: str = URL, sha256: str = HASH) -> Path:
    client = httpx2.Client(transport=httpx2.MockTransport(handler))
    return pull(url, sha256, folder, progress=lambda *_: None, client=client)


def test_a_model_is_fetched_once(tmp_path: Path) -> None:
    server, seen = Server(), list[tuple[int, int | None]]()
    client = httpx2.Client(transport=httpx2.MockTransport(server))
    path = pull(URL, HASH, tmp_path, progress=lambda *at: seen.append(at), client=client)
    assert path.read_bytes() == MODEL
    assert seen[-1] == (len(MODEL), len(MODEL))
    assert fetch(server, tmp_path) == path
    assert server.asked == [None]
    assert [(one.path.name, one.size) for one in pulled(tmp_path)] == [("small.gguf", len(MODEL))]


def test_a_broken_download_goes_on(tmp_path: Path) -> None:
    def breaks(_: httpx2.Request) -> httpx2.Response:
        def content() -> Iterator[bytes]:
            yield MODEL[:1000]
            raise httpx2.ReadError("gone")

        return httpx2.Response(200, content=content())

    with pytest.raises(TransientProviderError, match="go on where it stopped"):
        fetch(breaks, tmp_path)
    assert pulled(tmp_path) == ()
    (part,) = tmp_path.iterdir()
    assert part.read_bytes() == MODEL[: part.stat().st_size]
    there, server = part.stat().st_size, Server()
    assert fetch(server, tmp_path).read_bytes() == MODEL
    assert server.asked == [f"bytes={there}-" if there else None]
    assert not part.exists()


def test_what_is_complete_already_is_only_checked(tmp_path: Path) -> None:
    (tmp_path / "small.gguf.part").write_bytes(MODEL)
    assert fetch(Server(), tmp_path).read_bytes() == MODEL


def test_a_server_without_ranges_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "small.gguf.part").write_bytes(MODEL[:500])
    assert fetch(lambda _: httpx2.Response(200, content=MODEL), tmp_path).read_bytes() == MODEL


@pytest.mark.parametrize("content", [MODEL + b"x", MODEL[:-1], b"<html>"])
def test_other_content_is_not_kept(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="SHA-256"):
        fetch(Server(content), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_model_is_not_kept(tmp_path: Path) -> None:
    page = b"<html>sign in</html>"
    with pytest.raises(InvalidInput, match="no GGUF"):
        fetch(Server(page), tmp_path, sha256=hashlib.sha256(page).hexdigest())
    assert list(tmp_path.iterdir()) == []


def offline(_: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("no route")


def to_http(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(302, headers={"location": "http://models.example/small.gguf"})


def around(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(302, headers={"location": str(request.url)})


@pytest.mark.parametrize(
    ("handler", "error", "says"),
    [
        (offline, TransientProviderError, "online"),
        (lambda _: httpx2.Response(404), TransientProviderError, "404"),
        (to_http, InvalidInput, "away from https"),
        (around, TransientProviderError, "without an end"),
    ],
)
def test_a_server_that_does_not_give_it_is_told(
    tmp_path: Path, handler: Handler, error: type[AppError], says: str
) -> None:
    with pytest.raises(error, match=says):
        fetch(handler, tmp_path)
    assert pulled(tmp_path) == ()


def test_a_redirect_within_https_is_followed(tmp_path: Path) -> None:
    server = Server()

    def moved(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "models.example":
            return httpx2.Response(302, headers={"location": "https://cdn.example/x?sig=1"})
        return server(request)

    assert fetch(moved, tmp_path).name == "small.gguf"


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example/small.gguf",
        "file:///etc/small.gguf",
        "https://models.example/small.bin",
        "https://models.example/.gguf",
        "https://models.example/a%5Cb.gguf",
        "https:///small.gguf",
        "small.gguf",
        "https://[",
    ],
)
def test_only_https_addresses_of_models_are_taken(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidInput):
        fetch(Server(), tmp_path, url=url)
    assert list(tmp_path.iterdir()) == []
