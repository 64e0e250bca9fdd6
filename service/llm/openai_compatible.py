"""One try at an OpenAI-compatible endpoint, through langchain.

Retries, the circuit breaker and the audit are wrapped around this in `build.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import SecretStr

from service.domain.llm import ChatMessage, ChatReply, ChatRequest
from service.errors import PermanentProviderError
from service.llm.answer import Tokens, estimate, parse
from service.llm.failures import Reason, permanent, transient
from service.llm.translate import translated
from service.ports.models import OnDelta
from service.settings import ProviderSettings

if TYPE_CHECKING:
    import ssl

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

Mode = Literal["json_schema", "json_object"]


class OpenAICompatibleChat:
    """Implements `service.ports.models.ChatModel`; streams always, so that time-outs can cut in.

    Asks for `json_schema` output; an endpoint that rejects the request is asked once more in
    JSON mode with the schema in words, and remembered if that works. One said to know no schemas
    is asked in JSON mode from the start.
    """

    def __init__(self, settings: ProviderSettings, key: SecretStr | None = None) -> None:
        self._settings, self._key = settings, key
        knows = "json_schema" in settings.capabilities
        self._mode: Mode = "json_schema" if knows else "json_object"

    @property
    def name(self) -> str:
        """The model's name at the endpoint."""
        return self._settings.model or ""

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Ask once, or twice when the endpoint knows no JSON schemas.

        Raises:
            TransientProviderError: slow, dead or over quota; `reason` is in the details.
            PermanentProviderError: rejected or garbled; `reason` and spent tokens in the details.
        """
        try:
            return await self._ask(request, self._mode, on_delta)
        except PermanentProviderError as error:
            if self._mode == "json_object" or error.details.get("status") not in (400, 422, 501):
                raise
        reply = await self._ask(request, "json_object", on_delta)
        self._mode = "json_object"
        return reply

    async def _ask(self, request: ChatRequest, mode: Mode, on_delta: OnDelta | None) -> ChatReply:
        if self._settings.fixed_schema and request.fixed_schema is not None:
            request = request.model_copy(update={"json_schema": request.fixed_schema})
        messages = request.messages if mode == "json_schema" else _with_schema(request)
        async with (
            self._client(request) as client,
            aclosing(_stream(client, messages, _response_format(request, mode))) as stream,
        ):
            raw, last = await self._read(stream, on_delta)
        tokens = _tokens(last) or estimate(messages, raw)
        _check_end(last, tokens)
        return ChatReply(
            data=parse(raw, request.json_schema, tokens),
            model=str(last.response_metadata.get("model_name") or self.name),
            prompt_tokens=tokens.prompt,
            completion_tokens=tokens.completion,
            tokens_estimated=tokens.estimated,
            cached_tokens=tokens.cached,
        )

    async def _read(
        self, stream: AsyncIterator[AIMessageChunk], on_delta: OnDelta | None
    ) -> tuple[str, AIMessageChunk]:
        """The whole output and its last state. The deadline is for the whole, not for a piece."""
        whole: AIMessageChunk | None = None
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                async for chunk in stream:
                    whole = chunk if whole is None else whole + chunk
                    if on_delta and chunk.text:
                        await on_delta(str(chunk.text))
        except TimeoutError as error:
            raise transient(Reason.TIMEOUT, "did not answer in time") from error
        if whole is None:
            raise transient(Reason.UNAVAILABLE, "sent an empty stream")
        return str(whole.text), whole

    @asynccontextmanager
    async def _client(self, request: ChatRequest) -> AsyncIterator[BaseChatModel]:
        """A connection per call: nothing to close at the end, nothing bound to an event loop."""
        import httpx2

        tls = await asyncio.to_thread(lambda: self._tls)
        async with httpx2.AsyncClient(verify=tls, timeout=self._settings.timeout_s) as http:
            # The import takes seconds the first time; the event loop must go on meanwhile.
            yield await asyncio.to_thread(self._open, request, http)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import httpx2

        return httpx2.create_ssl_context()

    def _open(self, request: ChatRequest, http: Any) -> BaseChatModel:
        from langchain.chat_models import init_chat_model

        return init_chat_model(
            self.name,
            model_provider="openai",
            base_url=self._settings.base_url,
            api_key=self._key or SecretStr("none"),
            http_async_client=http,
            timeout=self._settings.timeout_s,
            max_retries=0,
            max_completion_tokens=min(request.max_tokens, self._settings.max_tokens),
            temperature=request.temperature,
            stream_usage=True,
            use_responses_api=False,
        )


async def _stream(
    client: BaseChatModel, messages: tuple[ChatMessage, ...], response_format: dict[str, object]
) -> AsyncGenerator[AIMessageChunk]:
    """The output's pieces; tracing stays off whatever the environment says."""
    from langsmith import tracing_context

    turns = [(message.role, message.content) for message in messages]
    # Sent as extra body: langchain's own argument switches to a client helper that parses the
    # text itself and raises when it is cut off.
    body = {"response_format": response_format}
    async with translated():
        with tracing_context(enabled=False):
            async for chunk in client.astream(turns, extra_body=body):
                yield chunk


def _response_format(request: ChatRequest, mode: Mode) -> dict[str, object]:
    if mode == "json_object":
        return {"type": "json_object"}
    schema = {"name": request.schema_name, "schema": request.json_schema, "strict": True}
    return {"type": "json_schema", "json_schema": schema}


def _with_schema(request: ChatRequest) -> tuple[ChatMessage, ...]:
    schema = json.dumps(request.json_schema, ensure_ascii=False)
    order = f"Answer with one JSON object that fits this JSON schema, and nothing else:\n{schema}"
    first, *rest = request.messages
    merged = ChatMessage(role=first.role, content=f"{first.content}\n\n{order}")
    return (merged, *rest)


def _tokens(last: AIMessageChunk) -> Tokens | None:
    usage = last.usage_metadata
    if usage is None:
        return None
    cached = usage.get("input_token_details", {}).get("cache_read", 0)
    return Tokens(usage["input_tokens"], usage["output_tokens"], cached=cached or 0)


def _check_end(last: AIMessageChunk, tokens: Tokens) -> None:
    spent = tokens.spent
    finish = last.response_metadata.get("finish_reason")
    if finish is None:
        raise transient(Reason.UNAVAILABLE, "broke off in the middle of its answer", **spent)
    if finish == "length":
        raise permanent(Reason.GARBLED, "ran out of tokens before its answer ended", **spent)
    if finish in ("tool_calls", "function_call"):
        raise permanent(Reason.GARBLED, "called a tool instead of answering", **spent)
    if finish == "content_filter":
        raise permanent(Reason.REJECTED, "refused by its content filter", **spent)
