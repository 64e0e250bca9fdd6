"""What can be wrong with a template file or with the values given to it."""

from __future__ import annotations


class PromptError(Exception):
    """A template cannot be loaded or rendered; the message names the file and the line."""

    def __init__(self, source: str, line: int, problem: str) -> None:
        super().__init__(f"{source}:{line}: {problem}")
        self.source, self.line, self.problem = source, line, problem
