"""A local model in a process of its own: `python -m service.llm.gguf_child`.

It reads its orders as one line of JSON, answers with one line of JSON that holds the address or
the error, and ends when its standard input does: it cannot outlive whoever started it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

NICER = 5
"""Steps the model stands back behind the service that started it."""


class Orders(TypedDict):
    """What to serve and how; `key` is asked of every caller."""

    path: str
    name: str
    context_tokens: int
    max_tokens: int
    threads: int
    key: str


def main() -> None:
    """Serve until standard input ends."""
    told = _private_stdout()
    os.nice(NICER)
    try:
        server = _serve(json.loads(sys.stdin.readline()))
    except Exception as error:  # whatever the library raises, its kind is all that is told
        _tell(told, {"error": type(error).__name__})
        os._exit(1)
    _tell(told, {"address": server.listening_address})
    sys.stdin.read()
    os._exit(0)  # the library's threads would keep the process alive


def _serve(orders: Orders) -> Any:
    """A server on a free port of loopback."""
    import xllamacpp

    given = xllamacpp.CommonParams()
    given.model.path = orders["path"]
    given.model_alias = {orders["name"]}
    given.hostnames, given.port = ["127.0.0.1"], 0
    given.api_keys = [orders["key"]]
    given.n_ctx, given.n_parallel = orders["context_tokens"], 1
    given.n_predict = orders["max_tokens"]
    given.cpuparams.n_threads = given.cpuparams_batch.n_threads = orders["threads"]
    given.ui = given.endpoint_slots = given.endpoint_props = False
    return xllamacpp.Server(given)


def _private_stdout() -> TextIO:
    """The parent's pipe; what the library prints goes nowhere, for it may quote prompts."""
    mine = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return mine


def _tell(told: TextIO, what: Mapping[str, object]) -> None:
    told.write(json.dumps(what) + "\n")
    told.flush()


if __name__ == "__main__":
    main()
