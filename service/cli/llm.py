"""`huiyin llm …`: what models used and may use; `huiyin models list|pull`: local model files."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.domain.spend import Limits
from service.errors import InvalidInput, NotFound
from service.flows.spending import Budget
from service.ports.spending import UsageFilter, UsageGroup, UsageRow

Tokens = Annotated[int | None, typer.Option(min=0, help="Left out: no limit of its own.")]
Cost = Annotated[float | None, typer.Option(min=0, help="Left out: no limit of its own.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Usage and budget of language models.", no_args_is_help=True)
    group.command("usage")(usage)
    group.command("budget")(budget)
    group.command("limit")(limit)
    app.add_typer(group, name="llm")


def add_models(models: typer.Typer) -> None:
    """Add `list` and `pull` to the models group."""
    models.command("list")(list_models)
    models.command("pull")(pull_model)


def usage(
    by: Annotated[UsageGroup, typer.Option(help="Sum by this.")] = UsageGroup.FEATURE,
    community: Annotated[str | None, typer.Option(help="Left out: every community.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660)] = 30,
) -> None:
    """What model calls used: calls, failures, tokens, cost."""

    async def inside(application: Application) -> tuple[list[UsageRow], str]:
        if community is not None:
            await _require(application, community)
        now = application.clock.now()
        span = (now - timedelta(days=days), now + timedelta(seconds=1))
        where = UsageFilter(by, *span, community)
        rows: list[UsageRow] = []
        cursor: str | None = None
        while True:
            page = await application.queries.usage(where, cursor=cursor, limit=200)
            rows.extend(page.items)
            if (cursor := page.cursor) is None:
                return rows, application.settings.llm.currency

    rows, currency = console.run(inside)
    for row in rows:
        _print(
            f"{row.key}  {row.calls} calls ({row.failed} failed)  {row.prompt_tokens} tokens in "
            f"({row.cached_tokens} cached)  {row.completion_tokens} out  {row.cost:.4f} {currency}"
        )
    if not rows:
        _print("no calls in this time")


def budget(community: Annotated[str, typer.Argument(help="Community id.")]) -> None:
    """Limits of a community and of all, and what of them is used."""

    async def inside(application: Application) -> Budget:
        await _require(application, community)
        return await application.spending.budget(community)

    _show(community, console.run(inside))


def limit(
    community: Annotated[str, typer.Argument(help="Community id.")],
    tokens_per_day: Tokens = None,
    tokens_per_month: Tokens = None,
    cost_per_day: Cost = None,
    cost_per_month: Cost = None,
) -> None:
    """Replace what a community allows itself; the settings' limits hold beside it."""
    limits = Limits(
        tokens_per_day=tokens_per_day,
        tokens_per_month=tokens_per_month,
        cost_per_day=cost_per_day,
        cost_per_month=cost_per_month,
    )

    async def inside(application: Application) -> Budget:
        await _require(application, community)
        return await application.spending.set_own(community, limits, by="cli")

    _show(community, console.run(inside))


def list_models() -> None:
    """List local model files that were pulled, and the configured providers."""
    from service.llm.pull import models_dir, pulled

    loaded = console.settings()
    folder = models_dir(loaded.cache_dir)
    for found in pulled(folder):
        _print(f"{found.path}  {found.size / 1e6:.0f} MB")
    for provider in loaded.llm.chain:
        _print(f"provider {provider.name}: {provider.gguf or provider.base_url}")
    if not pulled(folder):
        _print(f"no model file in {folder}; fetch one with `huiyin models pull URL --sha256 HASH`")


def pull_model(
    url: Annotated[str, typer.Argument(help="https address of a .gguf file.")],
    sha256: Annotated[str, typer.Option(help="SHA-256 of the file, from its publisher.")],
) -> None:
    """Fetch a local model file; run again, it goes on where it stopped."""
    from service.llm.pull import models_dir, pull

    wanted = sha256.strip().lower()
    if len(wanted) != 64 or not set(wanted) <= set("0123456789abcdef"):
        raise InvalidInput("--sha256 takes 64 hexadecimal digits.")
    folder = models_dir(console.settings().cache_dir)
    with console.progress() as bar:
        task = bar.add_task("Model", total=None)

        def show(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        path = pull(url, wanted, folder, progress=show)
    _print(str(path))


async def _require(application: Application, community: str) -> None:
    async with application.uow() as uow:
        if await uow.communities.get(community) is None:
            raise NotFound(f"There is no community {community!r}.")


def _show(community: str, found: Budget) -> None:
    for scope, gauges in ((community, found.community), ("everywhere", found.everywhere)):
        for gauge in gauges:
            _print(f"{scope}  {gauge.limit}  {gauge.used:g} of {gauge.most:g}  {gauge.state}")
    if not found.community and not found.everywhere:
        _print("no limit is set")


def _print(line: str) -> None:
    console.out.print(line, markup=False, soft_wrap=True, highlight=False)
