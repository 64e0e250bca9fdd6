"""Vectors, documents, themes, accounts, kept answers."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from retrieval.types import Clause, DocumentKind
from service.db.repositories.idempotency import KEPT
from service.domain.account import ApiKey, Role, Scope, User
from service.domain.base import Lang
from service.domain.document import Document, DocumentStatus
from service.domain.llm import LLMCall, LLMStatus
from service.errors import ConfigurationError, Conflict
from service.ports.store import StoredResponse, UowFactory
from tests.plugins import _facts as facts


@pytest.fixture(autouse=True)
async def _community(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.communities.save(facts.community())
        await uow.commit()


def _unit(*rows: tuple[float, ...]) -> np.ndarray:
    return np.asarray(rows, dtype=np.float32)


async def test_vectors_come_back_bit_for_bit_in_order(uow_factory: UowFactory) -> None:
    rng = np.random.default_rng(7)
    given = rng.standard_normal((3, 8)).astype(np.float32)
    async with uow_factory() as uow:
        await uow.vectors.put(
            "acme", "case", ["b", "a", "c"], given, fingerprint="f1", hashes=["1", "2", "3"]
        )
        loaded = await uow.vectors.load("acme", "case")
        assert loaded.ids == ("b", "a", "c")
        assert loaded.vectors.dtype == np.float32
        assert np.array_equal(loaded.vectors, given)
        some = await uow.vectors.load("acme", "case", ids=["c", "b", "none"])
        assert some.ids == ("b", "c")
        assert (await uow.vectors.load("acme", "clause")).ids == ()


async def test_a_vector_is_replaced_in_place(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        put = uow.vectors.put
        await put("acme", "case", ["a", "b"], _unit((1, 0), (0, 1)), fingerprint="f1",
                  hashes=["1", "2"])  # fmt: skip
        await put("acme", "case", ["a"], _unit((0, 1)), fingerprint="f2", hashes=["3"])
        assert await uow.vectors.hashes("acme", "case") == {"a": ("f2", "3"), "b": ("f1", "2")}
        assert await uow.vectors.fingerprints() == {"f1", "f2"}
        assert (await uow.vectors.load("acme", "case")).ids == ("a", "b")
        await uow.vectors.remove("acme", "case", ["b"])
        assert await uow.vectors.fingerprints() == {"f2"}


async def test_mixed_widths_name_the_remedy(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        put = uow.vectors.put
        await put("acme", "case", ["a"], _unit((1, 0)), fingerprint="f1", hashes=["1"])
        await put("acme", "case", ["b"], _unit((1, 0, 0)), fingerprint="f2", hashes=["2"])
        with pytest.raises(ConfigurationError, match="huiyin reindex"):
            await uow.vectors.load("acme", "case")


def _document(version: int, **changes: object) -> Document:
    base = {
        "id": f"doc_{version}", "community": "acme", "slug": "rules", "version": version,
        "title": "守则", "kind": DocumentKind.RULES, "lang": "zh", "status": DocumentStatus.LIVE,
        "filename": "rules.md", "content_hash": f"h{version}", "clause_count": 1,
        "created_at": facts.NOW, "created_by": "ed",
    }  # fmt: skip
    return Document.model_validate({**base, **changes})


def _clause(version: int, number: str = "1", position: int = 0) -> Clause:
    return Clause(
        id=f"rules#{number}", document_id=f"doc_{version}", version=version,
        kind=DocumentKind.RULES, number=number, headings=("总则", "范围"), text="不得发布广告",
        lang="zh", content_hash=f"c{version}", position=position,
    )  # fmt: skip


async def test_a_new_version_supersedes_and_old_clauses_stay(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        docs = uow.documents
        await docs.add_version(_document(1), [_clause(1, "2", 1), _clause(1, "1", 0)])
        before = await docs.corpus_version("acme")
        await docs.add_version(_document(2), [_clause(2)])
        assert await docs.live("acme", "rules") == _document(2)
        assert await docs.live_clauses("acme") == (_clause(2),)
        assert await docs.clauses_of("doc_1") == (_clause(1, "1", 0), _clause(1, "2", 1))
        superseded = _document(1, status=DocumentStatus.SUPERSEDED)
        assert await docs.list("acme", history=True) == (_document(2), superseded)
        assert [d.version for d in await docs.list("acme")] == [2]
        assert await docs.corpus_version("acme") != before


async def test_retiring_takes_the_clauses_out(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.documents.add_version(_document(1), [_clause(1)])
        assert await uow.documents.retire("acme", "rules")
        assert not await uow.documents.retire("acme", "rules")
        assert await uow.documents.live_clauses("acme") == ()


async def test_the_same_version_twice_is_a_conflict(uow_factory: UowFactory) -> None:
    with pytest.raises(Conflict):  # noqa: PT012 - the block itself raises
        async with uow_factory() as uow:
            await uow.documents.add_version(_document(1), [])
            await uow.documents.add_version(_document(1, id="doc_x"), [])


async def test_users_and_keys_come_back(uow_factory: UowFactory) -> None:
    user = User(id="u1", name="ann", role=Role.ADMIN, lang=Lang.ZH, password_hash="x",
                created_at=facts.NOW)  # fmt: skip
    key = ApiKey(id="k1", name="ops", prefix="hy_1", secret_hash="s",
                 scopes=frozenset({Scope.TRIAGE, Scope.ADMIN}), community="acme",
                 created_at=facts.NOW)  # fmt: skip
    async with uow_factory() as uow:
        await uow.accounts.save_user(user)
        await uow.accounts.save_user(user.model_copy(update={"active": False}))
        await uow.accounts.save_key(key)
        assert (await uow.accounts.user("u1")) == user.model_copy(update={"active": False})
        assert (await uow.accounts.user_by_name("ann")) is not None
        assert await uow.accounts.key_by_prefix("hy_1") == key
        assert await uow.accounts.keys() == (key,)
        assert len(await uow.accounts.users()) == 1


async def test_a_name_belongs_to_one_user(uow_factory: UowFactory) -> None:
    with pytest.raises(Conflict):  # noqa: PT012 - the block itself raises
        async with uow_factory() as uow:
            for number in (1, 2):
                await uow.accounts.save_user(
                    User(id=f"u{number}", name="ann", role=Role.VIEWER, lang=Lang.EN,
                         password_hash="x", created_at=facts.NOW)
                )  # fmt: skip


async def test_a_login_token_works_once_and_in_time(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        accounts = uow.accounts
        await accounts.save_user(
            User(id="u1", name="ann", role=Role.VIEWER, lang=Lang.EN, password_hash="x",
                 created_at=facts.NOW)
        )  # fmt: skip
        await accounts.issue_login_token("good", "u1", facts.at(10))
        await accounts.issue_login_token("late", "u1", facts.at(1))
        assert await accounts.use_login_token("late", facts.at(1)) is None
        assert await accounts.use_login_token("good", facts.at(1)) == "u1"
        assert await accounts.use_login_token("good", facts.at(1)) is None
        assert await accounts.use_login_token("unknown", facts.at(1)) is None


async def test_the_first_answer_is_kept_for_a_day(uow_factory: UowFactory) -> None:
    first = StoredResponse("h", 202, '{"a": "答"}')
    async with uow_factory() as uow:
        kept = uow.idempotency
        await kept.put("key:1", "k", first, facts.NOW)
        await kept.put("key:1", "k", StoredResponse("h2", 200, ""), facts.at(1))
        assert await kept.get("key:1", "k") == first
        assert await kept.get("key:2", "k") is None
        later = facts.NOW + KEPT + timedelta(minutes=1)
        await kept.put("key:1", "k2", first, later)
        assert await kept.get("key:1", "k") is None


async def test_a_model_call_is_audited(uow_factory: UowFactory) -> None:
    call = LLMCall(id="l1", community="acme", feature="reply", model="m", status=LLMStatus.OK,
                   prompt_tokens=1, completion_tokens=2, cost=0.1, latency_ms=3, error=None,
                   at=facts.NOW)  # fmt: skip
    async with uow_factory() as uow:
        await uow.llm_calls.add(call)
        await uow.commit()
    with pytest.raises(Conflict):
        async with uow_factory() as uow:
            await uow.llm_calls.add(call)
