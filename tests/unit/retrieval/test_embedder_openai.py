"""The OpenAI-compatible embedder against servers that refuse, stall and talk nonsense."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx2
import numpy as np
import pytest
from pydantic import SecretStr

from retrieval.config import EmbedderConfig
from retrieval.embedders.openai_compatible import MAX_CHARACTERS, OpenAIEmbedder
from retrieval.errors import EmbedderUnavailable, RetrievalError
from retrieval.types import Role

Handler = Callable[[httpx2.Request], httpx2.Response]


def embedder(handler: Handler, *, dim: int | None = 2, model: str = "m") -> OpenAIEmbedder:
    client = httpx2.Client(transport=httpx2.MockTransport(handler))
    return OpenAIEmbedder(base_url="http://embed.test/v1", model=model, dim=dim, http_client=client)


def answer(vectors: list[list[float]]) -> httpx2.Response:
    rows = [{"index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return httpx2.Response(200, json={"object": "list", "data": rows, "model": "m"})


def inputs(request: httpx2.Request) -> list[str]:
    found: list[str] = json.loads(request.content)["input"]
    return found


def test_many_texts_go_in_bounded_batches_and_come_back_in_order() -> None:
    sizes: list[int] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        texts = inputs(request)
        sizes.append(len(texts))
        return answer([[float(text), 1.0] for text in texts])

    vectors = embedder(handler).embed([str(n) for n in range(300)], role=Role.QUERY)
    assert sizes == [128, 128, 44]
    np.testing.assert_allclose(vectors[:, 0] / vectors[:, 1], np.arange(300), rtol=1e-4)


def test_long_texts_are_cut_and_batches_bounded_by_characters() -> None:
    seen: list[list[str]] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(inputs(request))
        return answer([[1.0, 0.0]] * len(seen[-1]))

    embedder(handler).embed(["长" * 20_000] * 10, role=Role.PASSAGE)
    assert [len(batch) for batch in seen] == [7, 3]
    assert {len(text) for batch in seen for text in batch} == {MAX_CHARACTERS}


def test_blank_text_and_prefixes() -> None:
    seen: list[str] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.extend(inputs(request))
        return answer([[1.0, 0.0]] * len(inputs(request)))

    embedder(handler).embed([""], role=Role.QUERY)
    embedder(handler, model="intfloat/multilingual-e5-large").embed(["x"], role=Role.PASSAGE)
    assert seen == [" ", "passage: x"]


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_a_refusal_is_reported_at_once(status: int) -> None:
    calls: list[int] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        calls.append(1)
        return httpx2.Response(status, json={"error": {"message": "no"}})

    with pytest.raises(EmbedderUnavailable, match="check base_url"):
        embedder(handler).embed(["x"], role=Role.QUERY)
    assert len(calls) == 1


def test_a_busy_server_is_asked_again_but_not_for_ever() -> None:
    calls: list[int] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        calls.append(1)
        return httpx2.Response(503, headers={"retry-after-ms": "1"}, json={})

    with pytest.raises(EmbedderUnavailable):
        embedder(handler).embed(["x"], role=Role.QUERY)
    assert len(calls) == 3


def test_a_time_out_is_unavailable() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("slow", request=request)

    with pytest.raises(EmbedderUnavailable, match="timed out"):
        embedder(handler).embed(["x"], role=Role.QUERY)


@pytest.mark.parametrize(
    "response",
    [
        httpx2.Response(200, text="<html>proxy error</html>"),
        httpx2.Response(200, text="<html>", headers={"content-type": "text/html"}),
        httpx2.Response(200, json={"data": None}),
        httpx2.Response(200, json=[]),
        answer([]),
        answer([[1.0, 0.0], [1.0, 0.0]]),
        answer([[0.0, 0.0]]),
        answer([[1.0, 2.0, 3.0]]),
        httpx2.Response(200, json={"data": [{"index": 0, "embedding": "AAAA"}]}),
    ],
)
def test_nonsense_is_unavailable(response: httpx2.Response) -> None:
    with pytest.raises(EmbedderUnavailable):
        embedder(lambda _request: response).embed(["x"], role=Role.QUERY)


def test_the_dimension_is_asked_for_when_not_configured() -> None:
    found = embedder(lambda _request: answer([[3.0, 0.0, 4.0]]), dim=None)
    assert found.info.dim == 3
    assert found.embed([], role=Role.QUERY).shape == (0, 3)


def test_no_key_of_the_environment_leaves_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    sent: list[str] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.headers["authorization"])
        return answer([[1.0, 0.0]])

    embedder(handler).embed(["x"], role=Role.QUERY)
    assert sent == ["Bearer none"]


def test_settings_need_an_endpoint() -> None:
    config = EmbedderConfig(kind="openai", model="m", api_key=SecretStr("k"))
    with pytest.raises(RetrievalError, match="base_url"):
        OpenAIEmbedder.from_config(config)
