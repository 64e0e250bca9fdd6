"""The ASGI app: the API, the pages, and what surrounds them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from service.bootstrap import Application
from service.errors import AppError
from service.web import api, health, pages, problems
from service.web.limiter import Limiter
from service.web.metrics import Metrics, Timing
from service.web.middleware import BodyLimit, Faults, SecurityHeaders
from service.web.openapi import describe
from service.web.render import Frame, Pages
from service.web.sessions import Sessions

STATIC = Path(__file__).parent / "static"

MIB = 1024 * 1024


def create_app(application: Application, *, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Build the app over an open application.

    Args:
        lifespan: what starts and stops with the server, such as a worker; the caller's business.
    """
    app = unfurnished(lifespan=lifespan)
    furnish(app, application)
    return app


def unfurnished(*, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The app without an application: what takes long to build and is the same for all, routes and
    templates. It answers once it is furnished."""
    app = FastAPI(
        title="Huiyin 回音",
        summary="Feedback triage and content desk for communities",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.frame = Frame(STATIC)
    app.include_router(api.router())
    app.include_router(health.router)
    app.include_router(pages.router(), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _handle_errors(app)
    describe(app)
    return app


def furnish(app: FastAPI, application: Application) -> None:
    """Put an open application behind the routes, in the place of one that was there before."""
    web = application.settings.web
    app.state.application = application
    app.state.limiter = Limiter(web.rate_per_minute)
    app.state.metrics = Metrics()
    app.state.sessions = Sessions(
        application.secrets.session, application.clock, timedelta(hours=web.session_hours)
    )
    app.state.pages = Pages(application, app.state.frame)
    app.user_middleware.clear()
    app.middleware_stack = None  # built again at the next request
    app.add_middleware(BodyLimit, limit=web.max_body_mib * MIB)
    app.add_middleware(Faults)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Timing, metrics=app.state.metrics)


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(AppError)
    async def expected(request: Request, error: AppError) -> Response:
        if problems.wants_problem(request):
            return problems.from_app_error(error)
        return await pages.failed(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if problems.wants_problem(request):
            return problems.from_validation(error)
        return await pages.failed_http(request, HTTPException(422))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if problems.wants_problem(request):
            return problems.from_http(error)
        return await pages.failed_http(request, error)
