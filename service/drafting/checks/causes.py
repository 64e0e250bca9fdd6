"""What is only a guess about an event is not told as a fact."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from service.domain.draft import Fact, Finding, HypothesisVerdict, Severity
from service.drafting.checks.checked import Checked, finding

_SENTENCE = re.compile(r"[^。！？!?；;\n]+")
_CHECKS = {
    HypothesisVerdict.UNTESTED: "untested_cause",
    HypothesisVerdict.CONTRADICTED: "contradicted_cause",
}


class _Words(NamedTuple):
    causes: Mapping[str, re.Pattern[str]]
    because: re.Pattern[str]
    hedge: re.Pattern[str]


def check_causes(given: Checked) -> Iterator[Finding]:
    """A sentence that says "because" of a cause the data do not support, or states it as it is
    labelled, blocks unless it says itself that this is not known."""
    causes = [fact for fact in given.context.facts if fact.verdict in _CHECKS]
    if not causes:
        return
    words = _words()
    for match in _SENTENCE.finditer(given.text):
        if not words.hedge.search(match[0]):
            yield from _stated(match, causes, words)


def _stated(match: re.Match[str], causes: list[Fact], words: _Words) -> Iterator[Finding]:
    for fact in causes:
        name = words.causes.get(fact.id.partition(".")[2])
        named = name is not None and name.search(match[0]) and words.because.search(match[0])
        if (named or fact.label.lower() in match[0].lower()) and fact.verdict is not None:
            yield finding(
                _CHECKS[fact.verdict], Severity.BLOCKING, detail=fact.label, span=match.span()
            )


@cache
def _words() -> _Words:
    file = resources.files("service.drafting.checks") / "causes.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    causes = {name: _either(given) for name, given in tables["words"].items()}
    says = tables["says"]
    return _Words(causes, _either(says["because"]), _either(says["hedge"]))


def _either(patterns: list[str]) -> re.Pattern[str]:
    chinese, english = patterns
    return re.compile(rf"{chinese}|\b(?:{english})", re.IGNORECASE)
