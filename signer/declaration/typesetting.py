"""The declaration as a PDF: PDF/A-3a and PDF/UA-1 together, set by Typst.

The same statement and the same version give the same bytes, whatever was set
before, in whichever process. A compiler stays warm, so that the pages of the policy,
which do not change from parent to parent, are laid out once.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

from signer.declaration.elsewhere import typeset_elsewhere
from signer.declaration.fonts import FACES, load_fonts
from signer.declaration.printed import printed_policy, printed_statement
from signer.declaration.statement import from_json
from signer.errors import TypesetError

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATE_VERSION = "1"
"""Changes whenever the same statement would give other bytes with the same Typst."""

STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]

STATEMENT_FILENAME = "declaration.json"

_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


def typst_version() -> str:
    """The version of Typst for Python, such as ``0.15.2``."""
    return version("typst")


def typeset(
    statement_json: bytes,
    policy_blocks: list[dict[str, Any]],
    policy_source: bytes,
    policy_filename: str,
) -> bytes:
    """The PDF of one declaration, with the statement and the version attached.

    A character that no face has is spelt out as ``[U+16A0]``, and the pages say so;
    the statement attached keeps the exact text.

    Args:
        statement_json: canonical JSON, from `statement.to_json`.
        policy_blocks: the rendered policy as a tree of blocks.
        policy_source: the version's whole file.
        policy_filename: the name it is attached under, such as ``2.md``.

    Raises:
        StatementError: the first argument is not a canonical statement.
        TypesetError: the version is not the one declared, or Typst failed.
    """
    statement = from_json(statement_json)
    found = hashlib.sha256(policy_source).hexdigest()
    if found != statement.policy_sha256:
        raise TypesetError(
            f"the statement is on {statement.policy_sha256}, the version is {found}"
        )
    if (
        not _FILENAME.fullmatch(policy_filename)
        or policy_filename == STATEMENT_FILENAME
    ):
        raise TypesetError("the version's file cannot be attached under that name")

    def pages(spelling: Callable[[str], str]) -> dict[str, bytes]:
        spelt_out = False

        def watched(text: str) -> str:
            nonlocal spelt_out
            spelt = spelling(text)
            spelt_out = spelt_out or spelt != text
            return spelt

        policy = printed_policy(policy_blocks, watched)
        declared = printed_statement(statement, statement_json, watched) | {
            "filename": policy_filename,
            # What it was made with in fact: an upgrade between signing and
            # typesetting must not be hidden.
            "made_with": {"template": TEMPLATE_VERSION, "typst": typst_version()},
        }
        return {
            "declared.json": _json(declared | {"spelt_out": spelt_out}),
            "policy.json": _json(policy),
            "statement.json": statement_json,
            "version.md": policy_source,
        }

    if _threads_lost:
        return typeset_elsewhere(
            statement_json, policy_blocks, policy_source, policy_filename
        )
    at = int(statement.confirmed_at.timestamp())
    with _lock:
        press = _warm_press()
        for spelling in (str, press.spelt, _spelt_in_ascii):
            try:
                return press.compile("main", pages(spelling), at)
            except typst.TypstError as error:
                failure = error
    raise TypesetError(f"Typst: {failure}") from failure


class _Press:
    """A warm compiler, and the folder that it reads. Not for two threads at once."""

    def __init__(self) -> None:
        self._fonts = load_fonts()
        # Readable by this user alone: names pass through it.
        self.folder = Path(tempfile.mkdtemp(prefix="signer-typeset-"))
        self._compilers: dict[str, typst.Compiler] = {}
        self._prints: dict[str, bool] = {}

    def compile(self, name: str, inputs: dict[str, bytes], at: int) -> bytes:
        """The PDF of one template, dated `at` (seconds since 1970).

        Raises:
            TypstError: as Typst says.
            TypesetError: the folder cannot be written.
        """
        try:
            # All of it each time: cleaners of temporary folders take old files away.
            for filename, content in (_template() | inputs).items():
                (self.folder / filename).write_bytes(content)
            if name not in self._compilers:
                self._compilers[name] = typst.Compiler(
                    self.folder / f"{name}.typ",
                    root=self.folder,
                    font_paths=self._fonts,
                )
            pdf = self._compilers[name].compile(
                format="pdf", pdf_standards=STANDARDS, timestamp=at
            )
        except OSError as error:
            raise TypesetError(f"{self.folder} cannot be used: {error}") from error
        finally:
            # What is written of a parent stays on disk no longer than needed.
            for filename in inputs:
                (self.folder / filename).unlink(missing_ok=True)
        if not isinstance(pdf, bytes):
            raise TypesetError("Typst gave no PDF")
        return pdf

    def spelt(self, text: str) -> str:
        """The text with each character that no face has as ``[U+16A0]``."""
        if self._can_print(text):
            return text
        return "".join(map(self._spelt_word, re.split(r"(\s+)", text)))

    def _spelt_word(self, word: str) -> str:
        if self._can_print(word):
            return word
        for character in set(word) - self._prints.keys():
            self._prints[character] = self._can_print(character)
        spelt = "".join(c if self._prints[c] else _code_point(c) for c in word)
        # Characters that print alone may still fail together.
        return spelt if self._can_print(spelt) else _spelt_in_ascii(word)

    def _can_print(self, text: str) -> bool:
        if text.isascii() and text.isprintable():
            return True
        try:
            self.compile("probe", {"probe.json": _json(text)}, at=0)
        except typst.TypstError:
            return False
        return True


def _spelt_in_ascii(text: str) -> str:
    printable = frozenset(map(chr, range(0x20, 0x7F)))
    return "".join(c if c in printable else _code_point(c) for c in text)


def _code_point(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _template() -> dict[str, bytes]:
    folder = files("signer.declaration") / "template"
    parts = [part for part in folder.iterdir() if part.name.endswith(".typ")]
    return {part.name: part.read_bytes() for part in parts} | {
        "faces.json": _json(FACES)
    }


# One press a process: a forked child must not share the parent's folder, and a lock
# that another thread held while forking would never open in the child.
_lock = threading.Lock()
_press: _Press | None = None

# Typst keeps threads, and a fork takes none of them along: see `elsewhere`.
_threads_started = False
_threads_lost = False


def _warm_press() -> _Press:
    global _press, _threads_started  # noqa: PLW0603 - one a process, made when needed
    _threads_started = True
    if _press is None or not _press.folder.is_dir():
        _press = _Press()
        atexit.register(_remove, _press.folder, os.getpid())
    return _press


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _forget_press() -> None:
    global _lock, _press, _threads_lost  # noqa: PLW0603 - see above
    _lock, _press = threading.Lock(), None
    _threads_lost = _threads_started


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_press)
