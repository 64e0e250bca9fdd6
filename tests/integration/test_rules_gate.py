"""A changed rule is live once it passed, where cases can tell; else at once, and noted as such."""

from __future__ import annotations

import pytest

from service import sample
from service.bootstrap import Application
from service.bootstrap.handlers import job_handlers
from service.bootstrap.shelf import RulesShelf
from service.domain.document import DocumentStatus, Ground
from service.domain.evaluation import Basis, EvaluationVerdict, Promotion, SubjectKind
from service.errors import InvalidInput, NotCompared, NotFound
from service.flows.rules import Upload, Uploaded
from service.ports.jobs import Job
from service.settings import GateSettings
from tests.plugins._jobs import job_rows
from tests.plugins.gate import ToldSuite
from tests.plugins.own_cases import OwnCases

PASS, FAIL, UNSURE = EvaluationVerdict
REASON = "旧规则里的电话已经停用，等不及比对"
FIRST = "# Refunds\n\n1.1 Refunds are paid in seven days.\n\n1.2 Fees are kept.\n"
SECOND = FIRST.replace("seven", "five")
OTHER = "# Conduct\n\n1.1 No advertising.\n"
QUESTIONS = [
    ("When do I get my refund?", "refunds#1.1"),
    ("How long does a refund take?", "refunds#1.1"),
    ("Are fees paid back?", "refunds#1.2"),
    ("What of the fees?", "refunds#1.2"),
]


async def upload(
    application: Application, text: str, slug: str = "refunds", **more: str
) -> Uploaded:
    given = Upload(f"{slug}.md", text.encode(), "text/markdown", slug)
    return await application.rules.upload("acme", given, by="ann", **more)


async def live(application: Application, slug: str = "refunds") -> int:
    return (await application.rules.get("acme", slug))[0].version


async def promoted(application: Application, community: str = "acme") -> list[Promotion]:
    page = await application.queries.promotions(community, kind=SubjectKind.RULES)
    return list(page.items[::-1])


async def bases(application: Application) -> list[Basis]:
    return [one.basis for one in await promoted(application)]


@pytest.fixture
async def telling(gated: Application, own_cases: OwnCases) -> Application:
    """Rules, and enough cases about them."""
    await upload(gated, FIRST)
    await own_cases(QUESTIONS)
    return gated


async def compare(
    application: Application, suite: ToldSuite, done: Uploaded, verdict: EvaluationVerdict
) -> None:
    """As the worker does."""
    assert done.evaluation
    suite.verdicts = [verdict]
    handle = job_handlers(application)[Job.EVALUATE]
    await handle({"evaluation_id": done.evaluation.id})


async def test_without_cases_a_change_is_live_at_once_and_noted(
    gated: Application, suite: ToldSuite, own_cases: OwnCases
) -> None:
    await own_cases(QUESTIONS[:3])
    await upload(gated, FIRST)
    done = await upload(gated, SECOND)
    assert (done.document.status, done.evaluation, suite.asked) == (DocumentStatus.LIVE, None, [])
    assert (done.policy.policy, done.policy.ground, done.policy.cases) == (
        "advised",
        Ground.FEW,
        3,
    )
    assert "too few to compare by" in done.policy.sentence
    assert await bases(gated) == [Basis.FIRST, Basis.UNPROVEN]


async def test_with_cases_a_change_waits_and_goes_live_by_itself_once_it_passed(
    telling: Application, suite: ToldSuite, database: str
) -> None:
    done = await upload(telling, SECOND)
    assert (done.document.status, done.policy.ground) == (DocumentStatus.STAGED, Ground.CASES)
    assert (await live(telling), len(done.changes.changed)) == (1, 1)
    async with telling.uow() as uow:
        assert {one.version for one in await uow.documents.live_clauses("acme")} == {1}
    (job,) = (row for row in job_rows(database) if row["task_name"] == Job.EVALUATE)
    assert done.evaluation
    assert job["args"] == {"evaluation_id": done.evaluation.id}
    with pytest.raises(NotCompared):
        await telling.rules.publish("acme", "refunds", by="ann")
    await compare(telling, suite, done, PASS)
    assert await live(telling) == 2
    (_, line) = await promoted(telling)
    assert (line.basis, line.evaluation_id, line.by) == (Basis.PASS, done.evaluation.id, "ann")
    await job_handlers(telling)[Job.EVALUATE](job["args"])  # killed before it was marked done
    assert (await live(telling), len(await promoted(telling))) == (2, 2)


@pytest.mark.parametrize("verdict", [FAIL, UNSURE])
async def test_what_did_not_pass_stays_out_until_an_administrator_says_why(
    telling: Application, suite: ToldSuite, verdict: EvaluationVerdict
) -> None:
    await compare(telling, suite, await upload(telling, SECOND), verdict)
    assert await live(telling) == 1
    with pytest.raises(InvalidInput):
        await telling.rules.publish("acme", "refunds", by="ann", override="急")
    await telling.rules.publish("acme", "refunds", by="ann", override=REASON)
    assert await live(telling) == 2
    assert (await promoted(telling))[-1].reason == REASON


async def test_in_an_emergency_one_upload_is_enough(telling: Application) -> None:
    done = await upload(telling, SECOND, override=REASON)
    assert (done.document.status, await live(telling)) == (DocumentStatus.LIVE, 2)
    assert await bases(telling) == [Basis.FIRST, Basis.OVERRIDE]


async def test_a_pass_is_for_the_rules_that_were_live_then(
    telling: Application, suite: ToldSuite
) -> None:
    done = await upload(telling, SECOND)
    await upload(telling, OTHER, "conduct", override=REASON)
    await compare(telling, suite, done, PASS)
    assert await live(telling) == 1
    trial = await telling.rules.trial("acme", "refunds")
    again = await telling.evaluations.request(trial, by="bob", queue=False)
    await compare(telling, suite, done._replace(evaluation=again.evaluation), PASS)
    assert await live(telling) == 2


async def test_the_newest_staged_version_is_the_one_that_waits(
    telling: Application, suite: ToldSuite
) -> None:
    first = await upload(telling, SECOND)
    same = await upload(telling, SECOND)
    assert (same.document.id, same.evaluation) == (first.document.id, None)
    newest = await upload(telling, FIRST.replace("seven", "three"))
    await compare(telling, suite, first, PASS)
    assert await live(telling) == 1
    statuses = {one.version: one.status for one in await telling.rules.history("acme")}
    assert statuses == {1: "live", 2: "discarded", 3: "staged"}
    await telling.rules.discard("acme", "refunds")
    await compare(telling, suite, newest, PASS)
    assert await live(telling) == 1
    for gone in (telling.rules.discard("acme", "refunds"), telling.rules.trial("acme", "refunds")):
        with pytest.raises(NotFound):
            await gone


async def test_removing_a_document_is_a_change_too(telling: Application, suite: ToldSuite) -> None:
    await upload(telling, OTHER, "conduct", override=REASON)
    with pytest.raises(NotCompared):
        await telling.rules.retire("acme", "conduct", by="ann")
    trial = await telling.rules.trial_without("acme", "conduct")
    asked = await telling.evaluations.request(trial, by="ann", queue=False)
    suite.verdicts = [PASS]
    await telling.evaluations.run(asked.evaluation.id)
    await telling.rules.retire("acme", "conduct", by="ann")
    with pytest.raises(InvalidInput, match="No rule would be left"):
        await telling.rules.trial_without("acme", "refunds")
    await telling.rules.retire("acme", "refunds", by="ann", override=REASON)
    assert (await telling.queries.documents("acme")) == ()
    assert [one.version for one in await promoted(telling)][-2:] == ["1 retired"] * 2


async def test_own_cases_are_asked_and_never_kept_with_the_comparison(
    telling: Application, suite: ToldSuite
) -> None:
    done = await upload(telling, SECOND)
    await compare(telling, suite, done, PASS)
    assert done.evaluation
    (trial,) = suite.asked
    assert QUESTIONS[0][0] in trial.files["own/retrieval.jsonl"]
    assert "five days" in trial.files["candidate/0000.json"]
    assert "seven days" in trial.files["production/rules/0000.json"]
    async with telling.uow() as uow:
        stored = await uow.evaluations.trial(done.evaluation.id)
    assert stored
    assert not any(name.startswith("own/") for name in stored.files)


async def test_what_changes_no_clause_asks_nobody(telling: Application, suite: ToldSuite) -> None:
    done = await upload(telling, FIRST + "\n\n")
    assert (done.document.status, suite.asked) == (DocumentStatus.LIVE, [])
    assert len(await promoted(telling)) == 1


@pytest.mark.parametrize(("policy", "status"), [("required", "staged"), ("off", "live")])
async def test_settings_may_say_otherwise(gated: Application, policy: str, status: str) -> None:
    gate = GateSettings.model_validate({"rules": policy})
    vars(gated).update(settings=gated.settings.model_copy(update={"gate": gate}))
    await upload(gated, FIRST)
    done = await upload(gated, SECOND)
    assert (done.document.status, done.policy.ground) == (status, Ground.SETTING)


async def test_the_sample_came_with_the_release_and_changes_of_it_are_compared(
    gated: Application,
) -> None:
    async with gated.uow() as uow:
        await uow.communities.save(sample.community())
        await uow.commit()
    community = sample.community().id
    for name, data in sample.documents():
        given = Upload(name, data, shipped=True)
        done = await gated.rules.upload(community, given, by="sample")
        assert done.document.status is DocumentStatus.LIVE
    assert {one.basis for one in await promoted(gated, community)} == {Basis.SHIPPED}
    changed = Upload("facts.md", data + "\n\n## 新增\n\n九点开门。\n".encode())
    done = await gated.rules.upload(community, changed, by="ann")
    assert (done.document.status, done.policy.ground) == (DocumentStatus.STAGED, Ground.GOLDEN)


async def test_the_grown_faq_waits_like_any_document(
    telling: Application, suite: ToldSuite, database: str
) -> None:
    shelf, page = RulesShelf(telling.rules), b"<h1>FAQ</h1><h2>1</h2><p>Refunds take five days.</p>"
    await shelf.put("acme", "faq-grown-en", page, by="ed")
    suite.verdicts = [PASS, PASS]
    for job in job_rows(database):
        await job_handlers(telling)[Job.EVALUATE](job["args"])
    assert await live(telling, "faq-grown-en") == 1
    with pytest.raises(NotCompared):  # asks for the comparison; the job is tried again
        await shelf.take_down("acme", "faq-grown-en", by="ed")
    for job in job_rows(database):
        await job_handlers(telling)[Job.EVALUATE](job["args"])
    await shelf.take_down("acme", "faq-grown-en", by="ed")
    with pytest.raises(NotFound):
        await live(telling, "faq-grown-en")
    await shelf.take_down("acme", "faq-grown-en", by="ed")
