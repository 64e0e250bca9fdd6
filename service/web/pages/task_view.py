"""What the task page shows, worked out of the stored facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from service.domain.change import SOFT, StaleReason
from service.domain.delivery import OutboxStatus
from service.domain.draft import ContextPassage, Finding, Origin, Revision, Severity
from service.domain.review import TaskStatus, Verdict
from service.domain.support import SupportKind, SupportLedger
from service.domain.views import TaskView
from service.flows.review import Look
from service.ports.engines import Redactor
from service.web.member import Said, said
from service.web.pages.conflict_view import Clash, clash_of, pieces_of
from service.web.worddiff import Piece


class Sentence(NamedTuple):
    """One sentence of the text with what stands before it, and the clause it is nearest to: its
    place among the page's clauses, from 1."""

    before: str
    text: str
    kind: SupportKind
    clause: Clause | None
    place: int


class Clause(NamedTuple):
    """A passage of the draft's context; `href` leads to it on its document's page. `pieces` are its
    text, cut at words that contradict another clause."""

    passage: ContextPassage
    cited: bool
    href: str
    pieces: tuple[Piece, ...] = ()

    @property
    def clashes(self) -> bool:
        """Whether words of it are marked."""
        return any(piece.own for piece in self.pieces)


class Desk(NamedTuple):
    """Everything the template asks beyond the facts themselves."""

    newest: Revision
    original: str
    messages: tuple[Said, ...]
    clauses: tuple[Clause, ...]
    clash: Clash | None
    findings: tuple[Finding, ...]
    sentences: tuple[Sentence, ...]
    blocking: bool
    open: bool
    mine: bool
    held_by_other: bool
    stale: tuple[StaleReason, ...]
    templated: bool
    undo_until: datetime | None
    ready_at: datetime | None


def desk_of(
    view: TaskView,
    me: str,
    now: datetime,
    *,
    redactor: Redactor,
    undo_s: float,
    text: str,
    look: Look,
    stale: tuple[StaleReason, ...] = (),
) -> Desk:
    """Work it out.

    Args:
        text: what stands in the text field.
        look: what the checks say of it.
        stale: why the draft no longer fits.
    """
    task, newest = view.task, view.revisions[-1]
    clauses = _clauses(view)
    is_open = task.status in (TaskStatus.OPEN, TaskStatus.CLAIMED)
    held = task.held_by_other(me, now)
    alive = task.claim_expires_at is not None and task.claim_expires_at > now
    until = _undo_until(view, me, now, undo_s)
    return Desk(
        newest=newest,
        original=view.draft.composition.text,
        messages=said(view.case, view.triage, redactor) if view.case else (),
        clauses=clauses,
        clash=_clash(view, clauses),
        findings=look.findings,
        sentences=tuple(sentences_of(text, look.support, clauses)),
        blocking=_refused(view)
        or any(one.severity is Severity.BLOCKING for one in look.findings)
        or any(one in SOFT for one in stale),
        open=is_open,
        mine=task.status is TaskStatus.CLAIMED and task.claimed_by == me and alive,
        held_by_other=held,
        stale=stale,
        templated=view.draft.composition.origin is Origin.TEMPLATE,
        undo_until=until,
        ready_at=view.entry.not_before if view.entry else None,
    )


def sentences_of(
    text: str, support: SupportLedger, clauses: Sequence[Clause]
) -> Iterator[Sentence]:
    """The text cut into its sentences; nothing where no ledger was kept."""
    places = {one.passage.clause_id: n for n, one in enumerate(clauses, start=1)}
    end = 0
    for one in support.sentences:
        place = places.get(one.source or "", 0)
        clause = clauses[place - 1] if place else None
        yield Sentence(text[end : one.start], text[one.start : one.end], one.kind, clause, place)
        end = one.end


def clause_href(clause_id: str) -> str:
    """Where a clause stands: its document's page, at its number."""
    slug, _, number = clause_id.partition("#")
    return f"/documents/{quote(slug)}#c-{quote(number)}"


def _clauses(view: TaskView) -> tuple[Clause, ...]:
    """Two that contradict each other first, then cited ones in the order cited."""
    conflict = view.context.conflict
    clashing = {side.clause_id: side.marks for side in conflict.sides} if conflict else {}
    cited = [one.clause_id for one in view.draft.composition.citations]
    order = {clause: n for n, clause in enumerate((*clashing, *cited))}
    ranked = sorted(view.context.passages, key=lambda one: order.get(one.clause_id, len(order)))
    return tuple(
        Clause(
            passage,
            passage.clause_id in cited,
            clause_href(passage.clause_id),
            tuple(pieces_of(passage.text, clashing.get(passage.clause_id, ()))),
        )
        for passage in ranked
    )


def _clash(view: TaskView, clauses: Sequence[Clause]) -> Clash | None:
    if view.context.conflict is None:
        return None
    return clash_of(view.context.conflict, [one.passage for one in clauses])


def _refused(view: TaskView) -> bool:
    """Whether the text only says that there is no answer yet."""
    composed = view.draft.composition
    return composed.refusal is not None and view.revisions[-1].text == composed.text


def _undo_until(view: TaskView, me: str, now: datetime, undo_s: float) -> datetime | None:
    decision = view.decision
    if decision is None or decision.undone_at or decision.reviewer != me:
        return None
    if decision.verdict is Verdict.ESCALATE:
        return None
    if view.entry is None:
        until = decision.decided_at + timedelta(seconds=undo_s)
    else:
        waiting = view.entry.status in (OutboxStatus.PENDING, OutboxStatus.HELD)
        until = view.entry.not_before if waiting and not view.entry.attempts else now
    return until if until > now else None
