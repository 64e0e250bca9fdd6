"""Kind files become `PostKind`s; every mistake names the file and the field."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import ValidationError

from service.domain.post_kind import Approval, PostKind
from service.errors import ConfigurationError, NotFound


class PostKinds:
    """All kinds, in their order."""

    def __init__(self, kinds: Mapping[str, PostKind]) -> None:
        self._kinds = dict(sorted(kinds.items(), key=lambda pair: (pair[1].place, pair[0])))

    def __iter__(self) -> Iterator[PostKind]:
        return iter(self._kinds.values())

    def find(self, kind_id: str) -> PostKind | None:
        """The kind with this id, or None where a stored post is of a kind that is gone."""
        return self._kinds.get(kind_id)

    def get(self, kind_id: str) -> PostKind:
        """The kind with this id.

        Raises:
            NotFound: there is none.
        """
        if found := self.find(kind_id):
            return found
        raise NotFound("There is no such kind of post; GET /v1/post-kinds lists them.")

    def weighty(self, kind_id: str) -> bool:
        """Whether such posts need a second person whatever the policy says."""
        found = self.find(kind_id)
        return found is not None and found.approval is Approval.SECOND


def load_kinds(directory: Traversable | None = None) -> PostKinds:
    """Read every `.toml` file of a folder (the bundled ones by default).

    Raises:
        ConfigurationError: a file is wrong; the message names it and the field.
    """
    root = files("service.drafting.kinds") if directory is None else directory
    entries = sorted(root.iterdir(), key=lambda entry: entry.name)
    kinds = [_read(entry) for entry in entries if entry.name.endswith(".toml")]
    return PostKinds({kind.id: kind for kind in kinds})


def _read(entry: Traversable) -> PostKind:
    try:
        raw = tomllib.loads(entry.read_text(encoding="utf-8"))
        kind = PostKind.model_validate(raw | {"id": entry.name.removesuffix(".toml")})
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "the whole"
        raise ConfigurationError(f"{entry.name}: {field}: {first['msg']}") from error
    except ValueError as error:  # not UTF-8, or no TOML: that message names the line
        raise ConfigurationError(f"{entry.name}: {error}") from error
    return kind
