"""Every file in `tests/plugins` holds the fixtures of one real thing."""

from __future__ import annotations

from pathlib import Path

pytest_plugins = [
    f"tests.plugins.{path.stem}"
    for path in sorted(Path(__file__).parent.joinpath("plugins").glob("[!_]*.py"))
]
