"""The rows and columns of a matrix: versions of prompts, and models."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from evals.cases import TaskName
from evals.errors import EvalError
from evals.record import address
from evals.state import State
from evals.subject import Subject
from service.settings import LLMSettings

SHIPPED, TEMPLATES = "as shipped", "templates"
NONE = "none"
"""Stands for no model on the command line."""


class Version(NamedTuple):
    """A row: prompts as shipped but for those named in `hashes` (twelve hex digits)."""

    key: str
    name: str
    state: State
    hashes: dict[str, str]


class Model(NamedTuple):
    """A column: the chat model that writes; `settings` without one mean the templates."""

    key: str
    name: str
    settings: LLMSettings


def versions(given: Iterable[str], task: TaskName) -> tuple[Version, ...]:
    """What is shipped, then a row for each `ID=FILE[,ID=FILE…]`.

    Raises:
        EvalError: it is not written so, the task does not use the prompt, or a row is there twice.
        StateInvalid: the file cannot take the prompt's place.
    """
    rows = (Version("shipped", SHIPPED, State(), {}), *(_version(one, task) for one in given))
    _once(rows)
    return rows


def models(given: Sequence[str], configured: LLMSettings) -> tuple[Model, ...]:
    """A column for each `NAME[=BASE_URL]`: a configured provider's name, or a model at that address
    or the configured one; `none` is the templates. Without any: what is configured.

    A key goes only to the address it is configured for, or where none is; a price counts only for
    the model it is configured for.

    Raises:
        EvalError: no address is known, it is none, or a column is there twice.
    """
    columns = tuple(_model(one, configured) for one in given) or (_configured(configured),)
    _once(columns)
    return columns


def _version(text: str, task: TaskName) -> Version:
    state, names, hashes = State(), [], {}
    for part in text.split(","):
        prompt, _, file = part.partition("=")
        if not file:
            raise EvalError(f"{part!r} names no file; write reply/grounded.zh=new.md.")
        subject = Subject.parse(f"prompt:{prompt}")
        if task not in subject.tasks:
            raise EvalError(f"The task {task} does not use the prompt {prompt}.")
        state = subject.applied(state, Path(file), Path())
        hashes[prompt] = subject.digest(state)[:12]
        if hashes[prompt] == subject.digest(State())[:12]:
            raise EvalError(f"{file} is what is shipped as {prompt}.")
        names.append(f"{prompt}={Path(file).name}")
    return Version(
        _key(" ".join(sorted(hashes.values())), "prompt"), ", ".join(names), state, hashes
    )


def _model(text: str, configured: LLMSettings) -> Model:
    if text == NONE:
        return Model(NONE, TEMPLATES, LLMSettings())
    name, _, url = text.partition("=")
    provider = next((one for one in configured.providers if one.name == name), None)
    if provider is not None and not url:
        return Model(_key(text, name), name, _with(configured, providers=(provider,)))
    at = url or configured.base_url
    if at is None:
        raise EvalError(f"No address is known for {name!r}; write {name}=http://host:port/v1.")
    own_key = configured.base_url in (None, at)
    priced = configured.model in (None, name)
    prices = {} if priced else {"price_in": 0.0, "price_out": 0.0}
    keys = {} if own_key else {"api_key": None}
    place = {"base_url": at, "model": name, "providers": ()}
    told = f"{name} ({address(url)})" if url else name
    return Model(_key(text, name), told, _with(configured, **place, **prices, **keys))


def _with(configured: LLMSettings, **changes: object) -> LLMSettings:
    alone = {"base_url": None, "model": None, **changes}
    try:
        found = LLMSettings.model_validate(configured.model_copy(update=alone).__dict__)
        _ = found.chain  # a wrong address shows here
    except ValidationError as error:
        raise EvalError(f"The model cannot be asked: {error.errors()[0]['msg']}.") from error
    return found


def _configured(configured: LLMSettings) -> Model:
    if not configured.configured:
        return Model(NONE, TEMPLATES, configured)
    name = ", ".join(one.model or one.name for one in configured.chain)
    return Model(_key(name, name), name, configured)


def _once(axis: Sequence[Version] | Sequence[Model]) -> None:
    keys = [one.key for one in axis]
    twice = next((one.name for one in axis if keys.count(one.key) > 1), None)
    if twice is not None:
        raise EvalError(f"{twice} is there twice.")


def _key(what: str, name: str) -> str:
    """Part of a folder's name, the same for the same."""
    digest = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{re.sub('[^A-Za-z0-9.-]+', '-', name)[:40]}-{digest}"
