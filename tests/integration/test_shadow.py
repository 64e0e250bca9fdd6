"""A changed engine is tried on stored cases; what is stored and what people set stay."""

from __future__ import annotations

import pytest

from service.bootstrap import Application
from service.domain.bank import TermDraft
from service.domain.override import Change
from service.domain.report import Candidate, ExampleChoice, RehearsalSubject, ReportStatus
from service.errors import InvalidInput
from service.flows import rehearse
from service.triage.taxonomy import DEFAULT_FILE
from tests.plugins.app import START
from tests.plugins.web import item

TEXTS = ("我要退款，怎么申请？", "应用又闪退了", "谢谢大家", "这个功能怎么用", "昨天的活动真不错")


@pytest.fixture
async def cases(application: Application) -> list[str]:
    items = [item(n, text, sent_at=START.isoformat()) for n, text in enumerate(TEXTS)]
    results = await application.ingest.ingest("acme", items)
    cases = [str(result.case_id) for result in results]
    await application.triage.run("acme", cases)
    return cases


async def shadow(application: Application, candidate: Candidate) -> str:
    subject = RehearsalSubject(days=7, candidate=candidate)
    report = await application.rehearse.request("acme", subject, by="ann")
    done = await application.rehearse.run(report.id)
    assert done.status is ReportStatus.DONE
    return report.id


async def test_the_engine_in_force_flips_nothing(
    application: Application, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearse, "CHUNK", 2)
    report_id = await shadow(application, Candidate())
    assert (await application.queries.flips(report_id)).items == ()
    async with application.uow() as uow:
        report = await uow.reports.get(report_id)
    assert report is not None
    assert report.summary is not None
    assert (report.summary.cases, report.summary.flips) == (len(TEXTS), 0)


async def test_a_threshold_moves_labels_and_stored_triages_stay(
    application: Application, cases: list[str]
) -> None:
    kept = await application.overrides.override(cases[0], Change(categories=("appeal",)), by="a")
    async with application.uow() as uow:
        before = dict(await uow.triages.latest(cases))
    report_id = await shadow(application, Candidate(threshold=0.0))
    async with application.uow() as uow:
        assert dict(await uow.triages.latest(cases)) == before
        report = await uow.reports.get(report_id)
    assert report is not None
    assert report.summary is not None
    abstained = sum(one.judgement.abstained for one in before.values())
    assert report.summary.abstained_before == abstained
    assert report.summary.abstained_after < max(1, abstained)
    flips = (await application.queries.flips(report_id)).items
    assert len(flips) == report.summary.flips > 0
    assert all(flip.confidence is not None and flip.after.categories for flip in flips)
    assert all(flip.after.categories == ("appeal",) for flip in flips if flip.case_id == cases[0])
    gained = {move.name: move.gained for move in report.summary.categories if move.gained}
    assert sum(gained.values()) >= len(flips)
    assert kept.triage == before[cases[0]]


async def test_waiting_examples_are_tried_before_they_are_accepted(
    application: Application, cases: list[str]
) -> None:
    text = TEXTS[3]
    await application.learn.add("acme", text, "complaint", by="ann")
    plain = await shadow(application, Candidate())
    assert (await application.queries.flips(plain)).items == ()
    taught = await shadow(application, Candidate(examples=ExampleChoice.PROPOSED))
    flips = (await application.queries.flips(taught)).items
    assert [
        (flip.case_id, flip.after.categories) for flip in flips if flip.case_id == cases[3]
    ] == [(cases[3], ("complaint",))]


async def test_another_taxonomy_is_read_from_text(
    application: Application, cases: list[str]
) -> None:
    text = DEFAULT_FILE.read_text("utf-8")
    lower = text.replace('id = "bug_report"', 'id = "fault"').replace("=> bug_report", "=> fault")
    report_id = await shadow(application, Candidate(taxonomy=lower))
    flips = (await application.queries.flips(report_id)).items
    found = {one for flip in flips for one in flip.after.categories}
    gone = {one for flip in flips for one in flip.before.categories}
    assert "bug_report" not in found
    assert found <= {"fault"} | {one.id for one in application.taxonomy.categories}
    assert gone <= {one.id for one in application.taxonomy.categories}


async def test_terms_are_tried_before_they_are_in_force(
    application: Application, cases: list[str]
) -> None:
    term = TermDraft(phrase="怎么申请", code="tried", floor=4)
    report_id = await shadow(application, Candidate(terms=(term,)))
    (flip,) = (await application.queries.flips(report_id)).items
    assert (flip.case_id, flip.after.severity) == (cases[0], 4)
    async with application.uow() as uow:
        report = await uow.reports.get(report_id)
    assert report is not None
    assert report.summary is not None
    assert (report.summary.severity_up, report.summary.severity_down) == (1, 0)


@pytest.mark.parametrize(
    "candidate",
    [
        Candidate(taxonomy="not toml ["),
        Candidate(taxonomy="[[category]]\nid = 'a'"),
        Candidate(bank={"../../etc/passwd": "[["}),
        Candidate(terms=(TermDraft(phrase="的", floor=3),)),
        Candidate(terms=(TermDraft(phrase="堵门", floor=3, category="nonsense"),)),
        Candidate(bank={"severity.toml": "[[signal]]\ncode = 1"}),
    ],
)
async def test_what_cannot_be_read_is_refused_before_it_is_stored(
    application: Application, candidate: Candidate
) -> None:
    subject = RehearsalSubject(candidate=candidate)
    with pytest.raises(InvalidInput):
        await application.rehearse.request("acme", subject, by="ann")
    assert (await application.queries.reports("acme")).items == ()
