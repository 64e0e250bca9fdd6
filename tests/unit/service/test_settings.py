"""Settings read the environment and name what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import ConfigurationError
from service.settings import load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing() -> None:
    settings = load_settings()
    assert settings.embedded
    assert not settings.llm.configured


def test_nested_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_LLM__BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("HUIYIN_LLM__MODEL", "m")
    assert load_settings().llm.configured


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_WEB__PORT", "ninety")
    with pytest.raises(ConfigurationError, match="HUIYIN_WEB__PORT"):
        load_settings()


def test_a_server_of_vectors_needs_its_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_VECTORS__MODE", "server")
    with pytest.raises(ConfigurationError, match="HUIYIN_VECTORS__URL"):
        load_settings()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "hush-hush")
    assert "hush-hush" not in repr(load_settings())


ONE = '{"name": "vllm", "base_url": "http://127.0.0.1:1/v1", "model": "m"}'


def test_the_single_endpoint_is_a_list_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_LLM__BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("HUIYIN_LLM__MODEL", "m")
    monkeypatch.setenv("HUIYIN_LLM__TIMEOUT_S", "7")
    monkeypatch.setenv("HUIYIN_LLM__API_KEY", "hush-hush")
    (only,) = load_settings().llm.chain
    assert (only.name, only.base_url, only.model) == ("default", "http://127.0.0.1:1/v1", "m")
    assert only.timeout_s == 7
    assert only.api_key is not None
    assert only.api_key.get_secret_value() == "hush-hush"


def test_providers_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    local = '{"name": "own", "gguf": "/models/m.gguf", "capabilities": ["draft"]}'
    monkeypatch.setenv("HUIYIN_LLM__PROVIDERS", f"[{ONE}, {local}]")
    monkeypatch.setenv("HUIYIN_LLM__BASE_URL", "")
    vllm, own = load_settings().llm.chain
    assert (vllm.name, own.name, own.gguf) == ("vllm", "own", Path("/models/m.gguf"))


@pytest.mark.parametrize(
    ("providers", "remedy"),
    [
        ('[{"name":', "HUIYIN_LLM__PROVIDERS"),
        (f"[{ONE}, {ONE}]", "same name"),
        ('[{"name": "a", "model": "m"}]', "either base_url or gguf"),
        ('[{"name": "a", "base_url": "http://x/v1"}]', "needs a model"),
        ('[{"name": "a", "base_url": "x", "model": "m"}]', "http"),
        ('[{"name": "A B", "base_url": "http://x/v1", "model": "m"}]', "PROVIDERS__0__NAME"),
        ('[{"name": "a", "base_url": "http://x/v1", "model": "m", "key": "hush-hush"}]', "KEY"),
        (
            '[{"name": "a", "base_url": "http://x/v1", "model": "m", "api_key": "hush-hush", '
            '"api_key_ref": "env:K"}]',
            "both api_key and api_key_ref",
        ),
        (
            '[{"name": "a", "base_url": "http://x/v1", "model": "m", "capabilities": ["fly"]}]',
            "CAPABILITIES",
        ),
    ],
)
def test_wrong_providers_are_named(
    monkeypatch: pytest.MonkeyPatch, providers: str, remedy: str
) -> None:
    monkeypatch.setenv("HUIYIN_LLM__PROVIDERS", providers)
    with pytest.raises(ConfigurationError, match=remedy) as caught:
        load_settings()
    assert "hush-hush" not in str(caught.value)


def test_both_ways_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_LLM__PROVIDERS", f"[{ONE}]")
    monkeypatch.setenv("HUIYIN_LLM__MODEL", "m")
    with pytest.raises(ConfigurationError, match="either providers or"):
        load_settings()
