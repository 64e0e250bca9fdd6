"""Ids of a case's drafts: the same for two workers drafting the same messages, so that only one is
stored."""

from __future__ import annotations

_AGAIN, _PICKED = "~", "-"


def draft_id(case_id: str, size: int, previous: str | None) -> str:
    """Of the next draft; `size` is the number of messages it saw, `previous` the draft before."""
    base = f"draft_{case_id.removeprefix('case_')}_{size}"
    if previous is None or not previous.startswith(base):
        return base
    return previous + _AGAIN


def picked_id(previous: str) -> str:
    """Of an earlier draft that takes the place of `previous` again."""
    return previous + _PICKED


def redrafts(draft: str) -> int:
    """How often people had the same messages drafted again."""
    return draft.count(_AGAIN)


def picks(draft: str) -> int:
    """How often an earlier draft took the place again, up to this draft."""
    return draft.count(_PICKED)


def is_picked(draft: str) -> bool:
    """Whether the draft is an earlier one that took its place again."""
    return draft.endswith(_PICKED)
