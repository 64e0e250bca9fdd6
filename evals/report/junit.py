"""The verdict as JUnit XML, so that a build server lists every check of the gate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

from evals.model import Check, Verdict

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters XML 1.0 has no way to write."""


def junit_xml(verdict: Verdict) -> str:
    """One suite a task, one test case a check; a check that could not be decided is an error, so
    that it is never green. Ignored judges are skipped cases of a suite of their own."""
    root = ET.Element("testsuites", {"name": "evals", **_counts(verdict.checks)})
    for task, found in groupby(verdict.checks, key=lambda check: check.task):
        checks = tuple(found)
        suite = ET.SubElement(root, "testsuite", {"name": f"evals.{task}", **_counts(checks)})
        for check in checks:
            _add(suite, check)
    if verdict.ignored:
        _add_ignored(root, verdict.ignored)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def write_junit(verdict: Verdict, path: Path) -> Path:
    """Write it; returns the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(junit_xml(verdict), encoding="utf-8")
    return path


def _counts(checks: Iterable[Check]) -> dict[str, str]:
    states = [check.state for check in checks]
    return {
        "tests": str(len(states)),
        "failures": str(states.count("fail")),
        "errors": str(states.count("inconclusive")),
    }


def _add(suite: ET.Element, check: Check) -> None:
    name = f"{check.kind} {_clean(check.name)}"
    case = ET.SubElement(suite, "testcase", classname=f"evals.{check.task}", name=name)
    detail = _clean(check.detail)
    if check.state == "pass":
        ET.SubElement(case, "system-out").text = detail
    else:
        kind = "failure" if check.state == "fail" else "error"
        ET.SubElement(case, kind, message=detail, type=check.state).text = detail


def _add_ignored(root: ET.Element, ignored: Sequence[str]) -> None:
    count = {"tests": str(len(ignored)), "failures": "0", "errors": "0"}
    skipped = {"skipped": str(len(ignored))}
    suite = ET.SubElement(root, "testsuite", {"name": "evals.judges", **count, **skipped})
    for line in map(_clean, ignored):
        case = ET.SubElement(suite, "testcase", classname="evals.judges", name=line)
        ET.SubElement(case, "skipped", message="not trusted, not counted")


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
