"""`huiyin serve`, `huiyin worker`, `huiyin healthcheck`."""

from __future__ import annotations

import asyncio
import signal
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from service.bootstrap import Application, open_application
from service.cli import console, work
from service.errors import ConfigurationError
from service.settings import Settings, WebSettings
from service.worker import work as work_jobs

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

Announce = Callable[[Application, str], Awaitable[None]]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("worker")(worker)
    app.command("healthcheck")(healthcheck)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    reload: Annotated[bool, typer.Option(help="Restart when code changes.")] = False,
) -> None:
    """Run the web page and API, with a worker inside unless settings say otherwise."""
    if reload:
        _watch(host, port)
        return
    loaded = with_address(console.settings(), host, port)
    asyncio.run(serve_until_stopped(loaded))


def with_address(loaded: Settings, host: str | None, port: int | None) -> Settings:
    """Settings with the address of the command line."""
    given = {"host": host, "port": port}
    web = loaded.web.model_copy(update={k: v for k, v in given.items() if v is not None})
    return loaded.model_copy(update={"web": web})


async def serve_until_stopped(loaded: Settings, announce: Announce | None = None) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        announce: called with the application and its address once requests are answered.

    Raises:
        ConfigurationError: another server runs on this data folder, or the key, file or runtime
            of a configured language model is not there.
    """
    from service.web.app import create_app

    with work.alone(loaded) as nobody:
        if not nobody and (loaded.embedded or loaded.vectors.mode == "embedded"):
            raise ConfigurationError(
                f"A server already runs on {loaded.data_dir}; stop it or set HUIYIN_DATA_DIR."
            )
        async with _opened(loaded) as application, _working(application):
            server = _server(create_app(application), loaded.web)
            running = asyncio.create_task(server.serve())
            while not server.started and not running.done():  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0.02)
            if server.started:
                await _announce(application, announce)
            await running


def _server(app: FastAPI, web: WebSettings) -> uvicorn.Server:
    """The HTTP server; it ends on SIGINT or SIGTERM.

    Uvicorn's own handlers raise the signal again when it has ended: SIGTERM would then kill the
    process before the worker gave its jobs back and the embedded PostgreSQL stopped.
    """
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.handle_exit, number, None)
            yield

    return Server(
        uvicorn.Config(
            app,
            host=web.host,
            port=web.port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=10,
            server_header=False,
        )
    )


@asynccontextmanager
async def _opened(loaded: Settings) -> AsyncIterator[Application]:
    """The application, once what it is configured with is there: a model may be left out, but one
    that is named must not be missed only when the first draft is due. What is in force is settled
    before the first request or job."""
    async with open_application(loaded) as application:
        application.require_chat()
        await application.take_up()
        yield application


@asynccontextmanager
async def _working(application: Application) -> AsyncIterator[None]:
    """Warm up beside the first requests; run a worker inside when settings say so."""
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(_warm_up(application)),
        asyncio.create_task(application.keep_following(stop)),
    ]
    if application.settings.web.worker:
        tasks.append(asyncio.create_task(work_jobs(application, stop)))
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _warm_up(application: Application) -> None:
    try:
        await application.warm_up()
    except Exception as error:
        console.err.print(f"huiyin: not ready: {error}", style="red", markup=False)


async def _announce(application: Application, announce: Announce | None) -> None:
    web = application.settings.web
    address = f"http://{web.host}:{web.port}"
    if announce is None:
        console.err.print(f"Huiyin answers on {address}", markup=False, highlight=False)
    else:
        await announce(application, address)


def worker(
    concurrency: Annotated[int, typer.Option(help="Jobs done at once.")] = 4,
) -> None:
    """Do jobs until stopped; needs a database by URL and a Chroma server."""
    loaded = console.settings()
    if loaded.embedded or loaded.vectors.mode == "embedded":
        raise ConfigurationError(
            "A separate worker needs HUIYIN_DATABASE_URL and HUIYIN_VECTORS__MODE=server; "
            "embedded parts belong to the server's own process."
        )
    asyncio.run(_worker(loaded, concurrency))


async def _worker(loaded: Settings, concurrency: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with open_application(loaded) as application:
        await application.warm_up()
        console.err.print("worker is ready")
        following = asyncio.create_task(application.keep_following(stop))
        try:
            await work_jobs(application, stop, concurrency=concurrency)
        finally:
            stop.set()
            await following


def healthcheck() -> None:
    """Exit 0 when the server on this machine is ready."""
    web = console.settings().web
    host = "127.0.0.1" if web.host in ("0.0.0.0", "::") else web.host  # noqa: S104
    try:
        with urllib.request.urlopen(f"http://{host}:{web.port}/readyz", timeout=3) as answer:
            raise typer.Exit(0 if answer.status == 200 else 1)
    except (urllib.error.URLError, TimeoutError) as error:
        raise typer.Exit(1) from error


def _watch(host: str | None, port: int | None) -> None:
    """Run the server in a child process, anew after every change of the code."""
    import subprocess
    import sys

    from watchfiles import PythonFilter, watch

    command = [sys.executable, "-c", "from service.cli import main; main()", "serve"]
    command += ["--host", host] if host else []
    command += ["--port", str(port)] if port else []
    changes = watch(
        "service",
        "retrieval",
        "prompts",
        watch_filter=PythonFilter(extra_extensions=(".toml", ".md")),
    )
    while True:
        child = subprocess.Popen(command)  # noqa: S603
        try:
            next(changes, None)
        finally:
            child.terminate()
            child.wait()
