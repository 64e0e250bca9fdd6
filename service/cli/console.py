"""What the commands share: settings, errors as one sentence, progress bars, logs."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TypeVar

import structlog
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from retrieval.errors import RetrievalError
from service.bootstrap import Application, open_application
from service.errors import AppError
from service.settings import Settings, load_settings

T = TypeVar("T")

out = Console()
err = Console(stderr=True)


def run(work: Callable[[Application], Coroutine[object, object, T]]) -> T:
    """Open the application, do the work, close it."""

    async def inside() -> T:
        async with open_application(settings()) as application:
            return await work(application)

    return asyncio.run(inside())


def settings(**overrides: object) -> Settings:
    """Settings of this call, with logging set up after them."""
    loaded = load_settings(**overrides)
    configure_logs(loaded)
    return loaded


@contextmanager
def plain_errors() -> Iterator[None]:
    """Expected errors become one sentence and exit code 1."""
    try:
        yield
    except (AppError, RetrievalError) as error:
        err.print(f"huiyin: {error}", style="red", markup=False, highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def progress() -> Progress:
    """A bar with counts and time, on standard error."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=False,
    )


def configure_logs(loaded: Settings) -> None:
    """Structured logs on standard error. No member text is ever logged, in any format."""
    level = getattr(logging, loaded.log_level.upper())
    logging.basicConfig(stream=sys.stderr, level=max(level, logging.WARNING), force=True)
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if loaded.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
