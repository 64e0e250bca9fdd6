"""Fences around text that other people wrote.

A fenced value sits between two tags that carry a mark derived from the value itself. The same
value always gives the same mark, so a stored context renders byte for byte again; a writer who
wants to forge the closing tag would need a text that holds its own hash. On top of that every
character such a tag is made of is replaced inside the value, so nothing in it can look like a tag,
a chat-template token (`<|im_start|>`, `[INST]`) or a section of the template.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_INERT = str.maketrans({"<": "‹", ">": "›", "＜": "‹", "＞": "›", "|": "¦"})
_BRACKET_TOKEN = re.compile(r"\[(/?(?:INST|SYS|TOOL[A-Z_]*|AVAILABLE_TOOLS))\]", re.IGNORECASE)
_NEWLINES = re.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")


def fence(name: str, text: str) -> str:
    """Wrap `text` in `<name mark>` … `</name mark>` on lines of their own.

    Args:
        name: the variable's name, lower case ASCII.
        text: anything; it is neutralised first.
    """
    inner = neutralise(text)
    mark = hashlib.sha256(f"{name}\0{inner}".encode()).hexdigest()[:16]
    return f"<{name} {mark}>\n{inner}\n</{name} {mark}>"


def neutralise(text: str) -> str:
    """Make a text inert: no angle brackets, bars, bracket tokens or control characters.

    Idempotent; line breaks and tabs survive, characters that cannot be encoded become U+FFFD.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8")
    clean = _NEWLINES.sub("\n", clean).translate(_INERT)
    clean = _BRACKET_TOKEN.sub(r"［\1］", clean)
    return "".join(char for char in clean if char in "\n\t" or unicodedata.category(char) != "Cc")
