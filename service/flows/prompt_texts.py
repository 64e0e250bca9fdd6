"""Texts that may stand in the place of a shipped one."""

from __future__ import annotations

from prompts.contract import require_fit
from prompts.errors import PromptError
from prompts.loader import Prompts, template_from_text
from prompts.template import PromptTemplate
from service.domain.cleaning import clean_text
from service.domain.prompt import LONGEST_TEMPLATE, PromptVersion
from service.errors import InvalidInput, NotFound
from service.ports.store import UnitOfWork


def shipped_template(shipped: Prompts, template_id: str) -> PromptTemplate:
    """The text this release ships.

    Raises:
        NotFound: no such template.
    """
    try:
        return shipped.get(template_id)
    except KeyError as error:
        raise NotFound("There is no such prompt template.") from error


def read_proposed(shipped: Prompts, template_id: str, text: str) -> PromptTemplate:
    """A proposed text, with the partials this release ships.

    Raises:
        NotFound: no such template.
        InvalidInput: it cannot take the shipped one's place; names the line.
    """
    original, clean = shipped_template(shipped, template_id), clean_text(text) + "\n"
    if len(clean) > LONGEST_TEMPLATE:
        raise InvalidInput(f"A prompt has at most {LONGEST_TEMPLATE} characters.")
    try:
        parsed = template_from_text(template_id, clean, shipped.partials)
        require_fit(original, parsed)
    except PromptError as error:
        raise InvalidInput(str(error), line=error.line) from error
    return parsed


def misfit(shipped: PromptTemplate, version: PromptVersion) -> PromptError | None:
    """Why a stored version cannot be used with this release; None where it can."""
    try:
        require_fit(shipped, template_from_text(version.template, version.text, version.partials))
    except PromptError as error:
        return error
    return None


async def stored_version(uow: UnitOfWork, template_id: str, number: int) -> PromptVersion:
    """A version with its text.

    Raises:
        NotFound: no such version.
    """
    found = await uow.prompts.version(template_id, number)
    if found is None:
        raise NotFound("There is no such version of this prompt.")
    return found
