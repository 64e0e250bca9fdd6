"""Is the reply in the member's language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored
from retrieval.language import detect
from service.domain.base import Lang

_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|《[^》]*》|\"[^\"]*\"")


@case_scorer("draft", "reply_language")
def reply_language(case: Answered) -> Iterator[Score]:
    """`reply_language`: the text fits the member's language. What stands in quotation marks is
    left out: a rule is quoted as it was written, in whatever language it exists."""
    sample, expect, answer = unpack(case, DraftExpect, DraftAnswer)
    if not answer.text.strip():
        yield unscored(sample, "reply_language", "no text was written")
    else:
        wanted = expect.reply_lang or sample.lang
        yield right(sample, "reply_language", speaks(answer.text, wanted))


def speaks(text: str, lang: Lang) -> bool:
    """Whether a text is in a language, quotations left out."""
    return detect(_QUOTED.sub("", text)) == lang.value
