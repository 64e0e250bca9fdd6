"""URLs and JSON on their way to PostgreSQL."""

from __future__ import annotations

import json

import pytest

from service.db.engine import dump_json, libpq_url, normalise_url
from service.db.types import storable
from service.domain.base import Bilingual
from service.errors import ConfigurationError


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_usual_urls_get_our_driver(scheme: str) -> None:
    url = normalise_url(f"{scheme}://u:p%40ss@db:5433/huiyin?sslmode=require")
    assert url.drivername == "postgresql+psycopg"
    assert (url.password, url.port, url.query["sslmode"]) == ("p@ss", 5433, "require")


def test_psycopg_gets_a_plain_url_with_its_password() -> None:
    assert libpq_url("postgresql+psycopg://u:secret@h/d") == "postgresql://u:secret@h/d"


@pytest.mark.parametrize("url", ["sqlite:///x.db", "mysql://h/d", "nonsense"])
def test_another_database_is_refused_with_the_remedy(url: str) -> None:
    with pytest.raises(ConfigurationError, match="HUIYIN_DATABASE_URL"):
        normalise_url(url)


def test_json_loses_nul_and_keeps_everything_else() -> None:
    value = {"a\x00": ["x\x00y", "\\u0000", "中文"], "b": Bilingual(zh="零\x00", en="")}
    assert json.loads(dump_json(value)) == {
        "a\ufffd": ["x\ufffdy", "\\u0000", "中文"],
        "b": {"zh": "零\ufffd", "en": ""},
    }


def test_json_survives_lone_surrogates() -> None:
    value = [Bilingual(zh="半\ud83d", en=""), {"x": "\udc00"}]
    assert json.loads(dump_json(value[0])) == {"zh": "半\ufffd", "en": ""}
    assert json.loads(dump_json(value)) == [{"zh": "半\ufffd", "en": ""}, {"x": "\ufffd"}]


def test_text_loses_only_what_postgres_refuses() -> None:
    assert storable("a\x00b\ud800c😀") == "a\ufffdb\ufffdc😀"
