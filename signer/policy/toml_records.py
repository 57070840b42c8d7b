"""Records beside the released versions: TOML files that are only added to."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from signer.errors import VersionFileError
from signer.policy.versions import read_if_there


def read_entries(path: Path, kind: str) -> list[Any]:
    """The entries of a record, the oldest first; none where there is no file.

    Args:
        path: the file, which holds a list of tables and nothing else.
        kind: what an entry is, which is the name of the list, such as ``review``.

    Raises:
        VersionFileError: the file cannot be read, or holds anything else.
    """
    content = read_if_there(path)
    if content is None:
        return []
    try:
        table = tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise VersionFileError(str(path), "is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise VersionFileError(str(path), f"is not TOML: {error}") from error
    entries = table.get(kind)
    if table.keys() != {kind} or not isinstance(entries, list):
        raise VersionFileError(str(path), f"holds more than a list of {kind}s")
    return entries
