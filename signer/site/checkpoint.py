"""The signed head of the public log that the site shows, where a school puts one.

To the site it is a text like any other: whose it is and what it says, those can check
who have the log's key.
"""

from __future__ import annotations

from pathlib import Path

from signer.errors import VersionFileError
from signer.policy.versions import LOG_CHECKPOINT, read_if_there

PUBLISHED = "public-log/checkpoint"
"""Where it stands in the built site."""

LARGEST = 10_000
"""Bytes. One with a hundred signatures is smaller."""


def read_checkpoint(folder: Path) -> str | None:
    """The checkpoint beside the released versions; None where there is none.

    Args:
        folder: the folder of the released versions.

    Raises:
        VersionFileError: the file cannot be read, or is no text of a checkpoint's size.
    """
    path = folder / LOG_CHECKPOINT
    raw = read_if_there(path)
    if raw is None:
        return None
    if len(raw) > LARGEST:
        raise VersionFileError(str(path), "is too long for a checkpoint")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise VersionFileError(str(path), "is not UTF-8") from error
    # What a signed note is made of (C2SP signed-note): no control character but LF.
    if not text.endswith("\n") or any(one < " " and one != "\n" for one in text):
        raise VersionFileError(
            str(path), "is no checkpoint; make it with “signer log checkpoint”"
        )
    return text
