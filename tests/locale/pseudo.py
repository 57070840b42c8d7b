"""Makes a language that nobody speaks: ``python -m tests.locale.pseudo FOLDER``.

Every letter of the catalogue becomes an Arabic one, and every sentence a third longer.
So the pages run from right to left as they do for a reader of Arabic or Urdu, and what
is still in Latin letters was never handed to the translators.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from signer.i18n import sentences

if TYPE_CHECKING:
    from babel.messages.catalog import Message

CODE = "ar-XB"
"""A region for private use, so that nobody takes it for Arabic."""

LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz",
    "ابثدعفغهيجكلمنورقشستحطزخصض",
)
# Values and marks stay as they are.
_FIXED = re.compile(r"(%\(\w+\)[sd]|<[^>]+>)")


def pseudo(sentence: str) -> str:
    """A sentence in the language that nobody speaks."""
    parts = _FIXED.split(sentence)
    said = "".join(
        part if place % 2 else part.lower().translate(LETTERS)
        for place, part in enumerate(parts)
    )
    words = re.sub(r"[^\w\s]|\d", "", "".join(parts[::2])).split()
    longer = " ".join(words[: len(words) // 3]).lower().translate(LETTERS)
    return f"{said} {longer}".rstrip()


def write(folder: Path) -> Path:
    """The whole catalogue as a translation in a folder; gives its file."""
    catalog = Catalog(locale="ar")
    for message in sentences():
        if message.id:
            catalog.add(message.id, _said(message, catalog), context=message.context)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{CODE}.po"
    with path.open("wb") as file:
        write_po(file, catalog)
    return path


def _said(message: Message, catalog: Catalog) -> str | tuple[str, ...]:
    if isinstance(message.id, str):
        return pseudo(message.id)
    return tuple(pseudo(message.id[1]) for _ in range(catalog.num_plurals))


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))  # noqa: T201 - what the command is for
