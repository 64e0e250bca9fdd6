"""A community whose stored cases are replayed with a change."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from service.bootstrap import Application
from service.domain.evaluation import Subject, SubjectKind, Trial
from service.domain.preview import Preview, PreviewFlip, PreviewStatus, Window
from service.flows.rules import Upload
from service.triage.taxonomy import DEFAULT_FILE
from tests.plugins.app import START
from tests.plugins.web import RULES, item

TEXTS = (
    "我要退款，怎么申请？",
    "应用又闪退了",
    "谢谢大家",
    "下午一起去门口拉横幅",
    "昨天的活动真不错",
)
TAXONOMY = DEFAULT_FILE.read_text("utf-8")
WEEK = Window(days=7)


@pytest.fixture
async def cases(application: Application) -> list[str]:
    document = Upload("membership.md", RULES.encode(), "text/markdown")
    await application.rules.upload("acme", document, by="test")
    await application.in_force.take_up()
    items = [item(n, text, sent_at=START.isoformat()) for n, text in enumerate(TEXTS)]
    results = await application.ingest.ingest("acme", items)
    cases = [str(result.case_id) for result in results]
    await application.triage.run("acme", cases)
    return cases


async def replay(
    application: Application, trial: Trial, window: Window = WEEK
) -> tuple[Preview, Mapping[str, PreviewFlip]]:
    asked = await application.previews.request("acme", trial, window, by="ann", queue=False)
    done = await application.previews.run(asked.preview.id)
    assert done.status is PreviewStatus.DONE, done.failure
    flips = (await application.queries.preview_flips(done.id, limit=200)).items
    assert done.findings is not None
    assert done.findings.flips == len(flips)
    return done, {one.case_id: one for one in flips}


def in_force(**files: str) -> Trial:
    """Of a taxonomy, as if its hash had changed."""
    return Trial(
        subject=Subject(kind=SubjectKind.TAXONOMY),
        candidate_hash="b",
        baseline_hash="a",
        candidate="candidate.toml",
        files={"candidate.toml": TAXONOMY, "production/taxonomy.toml": TAXONOMY} | files,
    )
