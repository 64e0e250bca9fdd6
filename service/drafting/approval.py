"""The approval policy in force until a community sets its own."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from service.domain.approval import ApprovalPolicy

_FILE = Path(__file__).with_name("approval.toml")


@cache
def default_policy() -> ApprovalPolicy:
    """The shipped policy."""
    return ApprovalPolicy.model_validate(tomllib.loads(_FILE.read_text("utf-8")))
