"""`huiyin settings`: every variable, its default and what it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from service.cli import console
from service.settings import ProviderSettings, Settings

_PROVIDERS = """
## One provider

`HUIYIN_LLM__PROVIDERS` is a JSON list of objects with these fields, asked in that order:
`[{"name": "main", "base_url": "https://…/v1", "model": "…", "api_key_ref": "env:MAIN_KEY"},
{"name": "own", "gguf": "/models/small.gguf", "capabilities": ["draft"]}]`

| field | default | what it does |
| --- | --- | --- |"""


class Variable(NamedTuple):
    """One environment variable."""

    name: str
    default: str
    description: str


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("settings")(settings)


def settings() -> None:
    """Print the settings reference as Markdown."""
    console.out.print(reference(), markup=False, soft_wrap=True, highlight=False)


def reference() -> str:
    """The reference page; `service/SETTINGS.md` holds a copy that a test compares."""
    head = (
        "# Settings\n\nEnvironment variables, or lines of a `.env` file. "
        "Made by `huiyin settings`.\n\n| variable | default | what it does |\n| --- | --- | --- |"
    )
    return "\n".join([head, *_rows(Settings, "HUIYIN_"), _PROVIDERS, *_rows(ProviderSettings, "")])


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for v in variables(model, prefix):
        name = v.name if prefix else v.name.lower()
        yield f"| `{name}` | {v.default} | {v.description} |"


def variables(model: type[BaseModel], prefix: str = "HUIYIN_") -> Iterator[Variable]:
    """All variables of a settings model, nested ones included."""
    for name, field in model.model_fields.items():
        variable = prefix + name.upper()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from variables(field.annotation, variable + "__")
        else:
            yield Variable(variable, _default(field), _description(field))


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "needed"
    if value is None or isinstance(value, SecretStr):
        return "unset"
    if isinstance(value, frozenset | tuple):
        return f"`{json.dumps(sorted(value))}`"
    return f"`{value}`"


def _description(field: FieldInfo) -> str:
    return field.description or f"One of {field.annotation}.".replace("typing.", "")
