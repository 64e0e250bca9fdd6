"""Health, metrics, and faults that tell nothing of what members wrote."""

from __future__ import annotations

import httpx
import pytest

from retrieval.errors import IndexUnavailable
from service.bootstrap import Application
from tests.plugins.web import KeyMaker, Seed, item

ACME = {"community": "acme"}


@pytest.fixture
async def key(bearer: KeyMaker) -> dict[str, str]:
    return await bearer()


async def test_health_and_metrics(
    web: httpx.AsyncClient, seed: Seed, application: Application
) -> None:
    await seed(item(1, "秘密的话 13812345678"))
    assert (await web.get("/healthz")).json() == {"status": "ok"}
    ready = await web.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    parts = dict.fromkeys(("database", "embedder", "vectors", "taxonomy", "thresholds"), "ok")
    parts |= {"llm": "none"}
    assert ready.json()["parts"] == parts
    text = (await web.get("/metrics")).text
    assert 'huiyin_facts{kind="messages"} 1.0' in text
    assert 'route="/readyz"' in text
    assert "huiyin_llm_configured 0.0" in text
    for secret in ("秘密", "13812345678", application.secrets.session):
        assert secret not in text


async def test_not_ready_without_the_database(
    web: httpx.AsyncClient, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(community: str | None = None) -> None:
        raise OSError("no server")

    monkeypatch.setattr(application.queries, "counts", gone)
    answer = await web.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "unavailable")
    assert (await web.get("/healthz")).status_code == 200


async def test_ready_without_the_vector_cache(
    web: httpx.AsyncClient, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise IndexUnavailable("no server")

    monkeypatch.setattr(application.vectors, "collection", gone)
    answer = await web.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["vectors"]) == (200, "unavailable")


async def test_a_fault_gives_an_id_and_nothing_else(
    web: httpx.AsyncClient,
    key: dict[str, str],
    application: Application,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise ValueError("member said 13812345678")

    monkeypatch.setattr(application.queries, "themes", fail)
    answer = await web.get("/v1/themes", params=ACME, headers=key)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (500, "internal")
    logged = capsys.readouterr().out
    assert problem["error_id"] in logged
    assert "ValueError" in logged
    assert "13812345678" not in answer.text + logged
