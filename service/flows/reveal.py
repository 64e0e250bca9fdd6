"""A person with the right to looks behind the tokens of one message; each look is written down."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.reveal import LONGEST_PURPOSE, Reveal
from service.errors import InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.store import UowFactory


class Revealed(NamedTuple):
    """The audit row, and the message as it was sent."""

    reveal: Reveal
    text: str


class RevealFlow:
    """Shows originals. Who may ask is the caller's business."""

    def __init__(self, *, uow: UowFactory, redactor: Redactor, clock: Clock, ids: Ids) -> None:
        self._uow, self._redactor = uow, redactor
        self._clock, self._ids = clock, ids

    async def reveal(self, case_id: str, message_id: str, *, by: str, reason: str) -> Revealed:
        """The message in clear. The audit row is lasting before anything is shown.

        Raises:
            InvalidInput: no reason, or too long a one.
            NotFound: no such case, or the message is not of it.
        """
        purpose = reason.strip()
        if not 1 <= len(purpose) <= LONGEST_PURPOSE:
            raise InvalidInput(f"Say why, in 1 to {LONGEST_PURPOSE} characters.")
        async with self._uow() as uow:
            case = (await uow.cases.texts([case_id])).get(case_id)
            message = next((m for m in case.messages if m.id == message_id), None) if case else None
            if case is None or message is None:
                raise NotFound("There is no such message in this case.")
            tokens = tuple(span.token for span in self._redactor.redact(message.text).spans)
            reveal = Reveal(
                id=self._ids.new("rvl"),
                case_id=case_id,
                message_id=message_id,
                community=case.case.community,
                tokens=tokens,
                by=by,
                reason=self._redactor.redact(purpose).text,
                at=self._clock.now(),
            )
            await uow.reveals.add(reveal)
            await uow.commit()
        return Revealed(reveal, message.text)
