"""Files that stand in the place of a shipped part: a prompt, a taxonomy, a bank, limits, rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from evals.errors import StateInvalid
from evals.sample_rules import clauses_at, rule_paths
from evals.state import State, ThresholdSet
from prompts.contract import require_fit
from prompts.errors import PromptError
from prompts.loader import load_prompts, template_from_text
from service.domain.bank import BankTerm, TermDraft
from service.triage.bank import FILES
from service.triage.taxonomy import load_taxonomy


def read_state(folder: Path, work: Path) -> State:
    """What a folder holds of `prompts/<kind>/<name>.<lang>.md|json`, `taxonomy.toml`, `bank.json`,
    `thresholds.json` and `rules/`.

    Args:
        work: where files that come inside JSON are written.

    Raises:
        StateInvalid: naming the file that cannot be used.
    """
    state = State()
    for path in sorted((folder / "prompts").glob("*/*.*")):
        state = with_prompt(state, f"{path.parent.name}/{path.stem}", path)
    if (taxonomy := folder / "taxonomy.toml").is_file():
        state = replace(state, taxonomy=taxonomy)
    if (bank := folder / "bank.json").is_file():
        state = with_bank(state, bank, work)
    if (limits := folder / "thresholds.json").is_file():
        state = with_thresholds(state, limits)
    if (rules := folder / "rules").is_dir():
        state = with_rules(state, rules)
    return state


def with_prompt(state: State, template_id: str, path: Path) -> State:
    """A prompt's text (`.md`), or `{"text", "partials"}` as a version is stored (`.json`)."""
    shipped, text = load_prompts(), _text(path)
    partials: Mapping[str, str] = shipped.partials
    if path.suffix == ".json":
        stored = _json(path)
        text, partials = str(stored.get("text")), {**partials, **_texts(path, stored, "partials")}
    try:
        template = template_from_text(template_id, text, partials)
        require_fit(shipped.get(template_id), template)
    except KeyError as error:
        raise StateInvalid(f"There is no prompt {template_id}.") from error
    except PromptError as error:
        raise StateInvalid(
            f"{path.name} cannot take the place of {template_id}: {error}"
        ) from error
    return replace(state, prompts={**state.prompts, template_id: template})


def with_taxonomy(state: State, path: Path) -> State:
    """A whole taxonomy file (TOML).

    Raises:
        TaxonomyError: naming the entry that cannot be used.
    """
    load_taxonomy(path)
    return replace(state, taxonomy=path)


def with_bank(state: State, path: Path, work: Path) -> State:
    """`{"files": {name: TOML text}, "terms": [...]}`; files left out are as shipped, the terms are
    all that are active."""
    stored = _json(path)
    files = {one.name: one for one in FILES}
    work.mkdir(parents=True, exist_ok=True)
    for number, (name, text) in enumerate(sorted(_texts(path, stored, "files").items())):
        files[name] = work / f"bank-{number}.toml"  # the name given is never a path
        files[name].write_text(text, encoding="utf-8")
    terms = stored.get("terms") or []
    return replace(state, bank_files=tuple(files.values()), terms=_terms(path, terms))


def with_thresholds(state: State, path: Path) -> State:
    """`{"label_confidence": 0.6, …}`, see `ThresholdSet`; what is left out stays."""
    try:
        given = ThresholdSet.model_validate({**state.thresholds.given, **_json(path)})
    except ValidationError as error:
        raise StateInvalid(f"{path.name}: {_first(error)}") from error
    return replace(state, thresholds=given)


def with_rules(state: State, folder: Path) -> State:
    """A folder with the whole set of rule documents, each as Markdown, or as clauses in JSON.

    Raises:
        StateInvalid: it holds none, or one that cannot be used.
    """
    if not rule_paths(folder):
        raise StateInvalid(f"{folder} holds no rule documents (*.md, *.json).")
    clauses_at(folder)
    return replace(state, rules=folder)


def _terms(path: Path, given: object) -> tuple[BankTerm, ...]:
    if not isinstance(given, list):
        raise StateInvalid(f"{path.name}: terms is not a list")
    wanted, found = set(TermDraft.model_fields), []
    for number, row in enumerate(given):
        if not isinstance(row, dict):
            raise StateInvalid(f"{path.name}: term {number + 1} is no object")
        try:
            draft = TermDraft.model_validate({k: v for k, v in row.items() if k in wanted})
        except ValidationError as error:
            raise StateInvalid(f"{path.name}, term {number + 1}: {_first(error)}") from error
        if row.get("status", "active") == "active":
            at = datetime.min.replace(tzinfo=UTC)
            stand_in = {"id": f"term_{number}", "community": None, "created_by": ""}
            found.append(
                BankTerm.model_validate(draft.model_dump() | stand_in | {"created_at": at})
            )
    return tuple(found)


def _texts(path: Path, stored: Mapping[str, object], name: str) -> dict[str, str]:
    given = stored.get(name) or {}
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise StateInvalid(f"{path.name}: {name} is no object of texts")
    return given


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StateInvalid(f"{path} cannot be read.") from error


def _json(path: Path) -> dict[str, object]:
    try:
        stored = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise StateInvalid(f"{path.name} is not valid JSON: {error}") from error
    if not isinstance(stored, dict):
        raise StateInvalid(f"{path.name} holds no JSON object.")
    return stored


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
