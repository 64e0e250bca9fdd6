"""Where numbers stand in a text: beside which label, in which sentence, going which way."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.drafting.numbers.figure import Figure

_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
_CLAUSE_END = re.compile(r"[。！？!?；;\n，、]|[.,](?=\s|$)")
_BETWEEN = re.compile(
    r"\s*(?:[:：=（(]|[为是达有共]|达到|共计|一共|was|were|is|are)?\s*[-+−±]?\s*[¥￥$€£]?",
    re.IGNORECASE,
)
"""What may stand between a label and its number."""

_ASIDE = {
    "before": re.compile(r"(?:上一期|上期|before:?)\s*$", re.IGNORECASE),
    "change": re.compile(r"(?:增减|change:?)\s*[-+]?$", re.IGNORECASE),
    "percent": re.compile(r"(?:幅度|relative:?)\s*[-+]?$", re.IGNORECASE),
}
"""Words of the brackets behind a count, by the last part of a fact's id."""

_UP = re.compile(
    r"上升|增长|增加|增多|提高|上涨|回升|多了|\b(?:up|rose|risen|grew|grown|increas\w+|more|climb\w+)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"下降|减少|降低|下滑|回落|下跌|少了|\b(?:down|fell|fallen|drop\w*|decreas\w+|declin\w+|less|fewer)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]{3,}|[\u3400-\u9fff]+")


class Places:
    """A text and what stands around its numbers.

    Args:
        names: labels that hold a number of their own; it is not read as the text's.
        bounds: phrases whose number is a bound and no count.
    """

    def __init__(self, text: str, names: Iterable[str], bounds: Iterable[str]) -> None:
        self._text, self._folded = text, text.lower()
        self.readable = text
        for phrase in sorted({*names, *bounds}, key=len, reverse=True):
            self._blank(phrase)

    def _blank(self, phrase: str) -> None:
        start = self._folded.find(phrase.lower())
        while start >= 0 and phrase:
            end = start + len(phrase)
            self.readable = self.readable[:start] + "\0" * len(phrase) + self.readable[end:]
            start = self._folded.find(phrase.lower(), end)

    def labelled(self, figure: Figure, label: str) -> bool:
        """Whether the label stands right before the number."""
        start = max(0, figure.start - len(label) - 16)
        head = self._folded[start : figure.start]
        at = head.rfind(label.lower())
        if at < 0 or not label or not _BETWEEN.fullmatch(head, at + len(label)):
            return False
        return not head[:at] or not _joined(head[at - 1], label[0])

    def bracketed(self, last: int, start: int) -> bool:
        """Whether a bracket that opened after `last`, or was open there, is open at `start`."""
        line = self._text.rfind("\n", 0, start) + 1
        head = self._text[line:start]
        opened = max(head.rfind("("), head.rfind("（"))
        closed = max(head.rfind(")"), head.rfind("）"))
        return line <= last and opened > closed and not re.search("[。！？!?]", head[last - line :])

    def aside(self, figure: Figure) -> str | None:
        """Which fellow of a count the words right before a number name."""
        head = self._text[max(0, figure.start - 12) : figure.start]
        return next((name for name, words in _ASIDE.items() if words.search(head)), None)

    def sentence(self, figure: Figure) -> str:
        """The sentence a number stands in."""
        return self._around(figure, _SENTENCE_END)

    def clause(self, figure: Figure) -> str:
        """The part of its sentence, between commas."""
        return self._around(figure, _CLAUSE_END)

    def before(self, figure: Figure) -> str:
        """The character before a number."""
        return self._text[max(0, figure.start - 1) : figure.start]

    def _around(self, figure: Figure, end: re.Pattern[str]) -> str:
        heads = [match.end() for match in end.finditer(self._text, 0, figure.start)]
        tail = end.search(self._text, figure.end)
        return self._text[heads[-1] if heads else 0 : tail.start() if tail else len(self._text)]


def direction(places: Places, figure: Figure) -> int:
    """1 where the clause tells of an increase, -1 of a decrease, 0 of neither or both."""
    sign = {"+": 1, "-": -1, "−": -1}.get(places.before(figure), 0)
    if sign:
        return sign
    clause = places.clause(figure)
    return bool(_UP.search(clause)) - bool(_DOWN.search(clause))


def overlap(label: str, sentence: str) -> float:
    """Share of the label's words that the sentence holds; Chinese goes by pairs of characters."""
    wanted = _tokens(label)
    return len(wanted & _tokens(sentence)) / len(wanted) if wanted else 0.0


def _tokens(text: str) -> frozenset[str]:
    found: set[str] = set()
    for word in _WORD.findall(text.lower()):
        pairs = [word[n : n + 2] for n in range(len(word) - 1)] if ord(word[0]) > 255 else [word]
        found.update(pairs)
    return frozenset(found)


def _joined(one: str, other: str) -> bool:
    """Whether both belong to one word, so that 上一期消息数 does not end with the label 消息数."""
    return one.isalnum() and other.isalnum()
