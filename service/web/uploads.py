"""Uploaded files: a name that is only a name, and their bytes."""

from __future__ import annotations

from pathlib import PurePosixPath

from starlette.datastructures import UploadFile

from service.errors import InvalidInput

MAX_NAME = 200
"""Characters kept of a file name."""


async def read_upload(file: UploadFile) -> tuple[str, str | None, bytes]:
    """File name without folders or control characters, declared type, content.

    Raises:
        InvalidInput: no file, or an empty one.
    """
    plain = "".join(char for char in file.filename or "" if char.isprintable())
    name = PurePosixPath(plain.replace("\\", "/")).name[-MAX_NAME:]
    data = await file.read()
    await file.close()
    if not name or not data:
        raise InvalidInput("Choose a file that is not empty.")
    return name, file.content_type, data
