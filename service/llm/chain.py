"""Several models in order: the next one answers where one cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import structlog

from service.domain.llm import ChatReply, ChatRequest, PassedOver
from service.errors import ProviderError, TransientProviderError
from service.llm.failures import Reason, permanent, reason_of
from service.llm.stream import Stream
from service.ports.models import ChatModel, OnDelta

_SKILLS = ("draft", "classify", "theme")

log = structlog.get_logger()


class Link(NamedTuple):
    """A provider of the chain; `close` ends what belongs to it."""

    name: str
    chat: ChatModel
    capabilities: frozenset[str] = frozenset(_SKILLS)
    close: Callable[[], Awaitable[None]] | None = None

    def unfit(self, request: ChatRequest) -> str | None:
        """Why it is not asked at all, if so."""
        skill = next((one for one in _SKILLS if request.feature.startswith(one)), None)
        if skill is not None and skill not in self.capabilities:
            return Reason.NO_PROVIDER.value
        return "unusable" if self.name in request.avoid else None


class ChainChat:
    """Implements `ChatModel` over providers in order. Whatever one fails with, the next is asked;
    what was streamed before is declared void (`RESTART`), so that texts never mix. The reply says
    who answered and why earlier ones did not; an error says it in `passed_over` of its details.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = tuple(links)

    @property
    def name(self) -> str:
        """The models' names, in order."""
        return ", ".join(dict.fromkeys(link.chat.name for link in self._links))

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Ask one after the other.

        Raises:
            TransientProviderError: nobody answered, and later somebody may.
            PermanentProviderError: nobody answered and nobody will; reason `no_provider` where
                none may be asked, `budget` where all would be paid from a spent budget.
        """
        passed: list[PassedOver] = []
        errors: list[ProviderError] = []
        stream = Stream(on_delta)
        for link in self._links:
            if unfit := link.unfit(request):
                passed.append(PassedOver(provider=link.name, reason=unfit))
                continue
            try:
                reply = await link.chat.complete(request, on_delta=await stream.begin())
            except ProviderError as error:
                errors.append(error)
                passed.append(PassedOver(provider=link.name, reason=reason_of(error).value))
                log.warning("llm_provider_failed", provider=link.name, reason=passed[-1].reason)
                continue
            return reply.model_copy(update={"provider": link.name, "passed_over": tuple(passed)})
        raise _told(errors, passed)

    async def close(self) -> None:
        """End what was started."""
        for link in self._links:
            if link.close is not None:
                await link.close()


def _told(errors: Sequence[ProviderError], passed: Sequence[PassedOver]) -> ProviderError:
    """One error for all: one that may pass if any may, else the last."""
    if not errors:
        error: ProviderError = permanent(Reason.NO_PROVIDER, "may not be asked for this")
    else:
        passing = (one for one in errors if isinstance(one, TransientProviderError))
        error = next(passing, errors[-1])
    error.details["passed_over"] = [one.model_dump() for one in passed]
    return error
