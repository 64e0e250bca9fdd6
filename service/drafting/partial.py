"""Read the growing `text` field out of a model's unfinished JSON."""

from __future__ import annotations

import json
import re

from service.ports.models import RESTART

_STRING = r'"(?:[^"\\]|\\.)*"'
_VALUE = rf'(?:{_STRING}|null|\[(?:[^\]"]|{_STRING})*\])'
_START = re.compile(rf'\{{(?:\s*{_STRING}\s*:\s*{_VALUE}\s*,)*?\s*"text"\s*:\s*"')
"""What the model settles first comes before the text: strings, null, lists of strings."""
_UNIT = re.compile(r'[^"\\]+|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|(?P<end>["\\])')
_HIGH_SURROGATE = re.compile(r"\\u[dD][89abAB]")


def text_so_far(raw: str) -> str:
    """The part of the `text` value that has arrived, unescaped; empty before it begins.

    Always a prefix of the final value: half an escape or half a surrogate pair waits for its rest.
    When a try broke off and another began, what came before the `RESTART` between them is void.
    """
    raw = raw[raw.rfind(RESTART) + 1 :]
    start = _START.match(raw, max(raw.find("{"), 0))
    if start is None:
        return ""
    units = _units(raw, start.end())
    if units and _HIGH_SURROGATE.match(units[-1]):
        units.pop()
    text: str = json.loads('"' + "".join(units) + '"', strict=False)
    return text.encode("utf-8", "ignore").decode()


def _units(raw: str, start: int) -> list[str]:
    units = []
    for match in _UNIT.finditer(raw, start):
        if match["end"]:
            break
        units.append(match[0])
    return units
