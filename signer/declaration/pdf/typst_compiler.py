"""The compiler: Typst kept warm in a process, and the faces it prints with.

The same pages give the same bytes, whatever was set before, in whichever process. A
compiler stays warm, so that what does not change from one document to the next is
laid out once.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import threading
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import typst

from signer.declaration.pdf.actual_text import with_actual_text
from signer.declaration.pdf.fonts import FACES, load_fonts
from signer.errors import TypesetError
from signer.files import TYPESET_PREFIX, TemporaryFolder

STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]

_OF_A_VERSION = frozenset({"policy.json", "verify.svg", "version.md"})
"""What pages read that is the same for every parent: it stays for the next document."""

_MOST_REMEMBERED = 4096
"""Texts of which it is known whether they can be printed."""


@cache
def typst_version() -> str:
    """The version of Typst for Python, such as ``0.15.2``."""
    return version("typst")


class Spelling:
    """How a text from outside is spelt so that it can be printed."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        self._spell = spell
        self.changed = False
        """Whether a text was spelt otherwise than it is."""

    def __call__(self, text: str) -> str:
        """The text as it is printed."""
        spelt = self._spell(text)
        self.changed = self.changed or spelt != text
        return spelt


def compile_pdf(
    name: str,
    pages: Callable[[Spelling], dict[str, bytes]],
    at: int,
    folder: str = "template",
) -> bytes:
    """The PDF of a template.

    A character that no face has is spelt out as ``[U+16A0]``.

    Args:
        name: the template: ``main`` for ``main.typ``.
        pages: gives the files that it reads, every text from outside as spelt.
        at: the date of the document, in seconds since 1970.
        folder: the folder of the template, beside this file.

    Raises:
        TypesetError: Typst failed.
    """
    if _threads_lost:
        # Typst's would be waited for without end.
        raise TypesetError("this process was forked from one that had typeset")
    with _lock:
        warm = _warm_press()
        for spell in (str, warm.spelt, _spelt_in_ascii):
            try:
                if spell == warm.spelt:
                    warm.look_at(_texts(pages))
                return warm.compile(name, pages(Spelling(spell)), at, folder)
            except typst.TypstError as error:
                failure = error
    raise TypesetError(f"Typst: {failure}") from failure


def _texts(pages: Callable[[Spelling], object]) -> list[str]:
    """Every text that pages ask the spelling of."""
    found: list[str] = []

    def noted(text: str) -> str:
        found.append(text)
        return text

    pages(Spelling(noted))
    return found


def is_cold() -> bool:
    """Whether this process cannot print any more: see `elsewhere`."""
    return _threads_lost


class _Press:
    """A warm compiler, and the folder that it reads. Not for two threads at once."""

    def __init__(self) -> None:
        self._fonts = load_fonts()
        # Readable by this user alone: names pass through it.
        try:
            self._temporary = TemporaryFolder(TYPESET_PREFIX, in_memory=True)
        except OSError as error:
            raise TypesetError(f"no temporary folder can be made: {error}") from error
        self.folder = self._temporary.path
        self._compilers: dict[tuple[str, str], typst.Compiler] = {}
        self._written: dict[Path, bytes] = {}
        self._prints: dict[str, bool] = {}

    def compile(
        self, name: str, inputs: dict[str, bytes], at: int, template: str = "template"
    ) -> bytes:
        """The PDF of one template, dated `at` (seconds since 1970).

        Raises:
            TypstError: as Typst says.
            TypesetError: the folder cannot be written.
        """
        folder = self.folder / template
        try:
            folder.mkdir(exist_ok=True)
            for filename, content in (_template(template) | inputs).items():
                self._write(folder / filename, content)
            if (template, name) not in self._compilers:
                self._compilers[template, name] = typst.Compiler(
                    folder / f"{name}.typ",
                    root=folder,
                    font_paths=self._fonts,
                )
            pdf = self._compilers[template, name].compile(
                format="pdf", pdf_standards=STANDARDS, timestamp=at
            )
        except OSError as error:
            raise TypesetError(f"{self.folder} cannot be used: {error}") from error
        finally:
            # What is written of a parent stays there no longer than needed.
            for filename in inputs.keys() - _OF_A_VERSION:
                self._written.pop(folder / filename, None)
                (folder / filename).unlink(missing_ok=True)
        if not isinstance(pdf, bytes):
            raise TypesetError("Typst gave no PDF")
        return with_actual_text(pdf)

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file unless it is there: cleaners of temporary folders take some."""
        if self._written.get(path) == content and path.exists():
            return
        # A file that was cut short by a full disk is not known to be there.
        self._written.pop(path, None)
        path.write_bytes(content)
        self._written[path] = content

    def close(self) -> None:
        """Take its folder away; in a forked child, let go of it."""
        self._temporary.remove()

    def look_at(self, texts: Iterable[str]) -> None:
        """Find out which texts can be printed as they are.

        All at once, and by halves where some cannot: Typst forgets the pages that it
        knows after ten other documents.
        """
        unknown = [text for text in dict.fromkeys(texts) if not self._is_known(text)]
        while len(self._prints) + len(unknown) > _MOST_REMEMBERED and self._prints:
            del self._prints[next(iter(self._prints))]
        self._look_at(unknown)

    def spelt(self, text: str) -> str:
        """The text with each character that no face has as ``[U+16A0]``."""
        if self._can_print(text):
            return text
        words = re.split(r"(\s+)", text)
        self.look_at(words)
        return "".join(map(self._spelt_word, words))

    def _spelt_word(self, word: str) -> str:
        if self._can_print(word):
            return word
        self.look_at(word)
        spelt = "".join(c if self._can_print(c) else _code_point(c) for c in word)
        # Characters that print alone may still fail together.
        return spelt if self._can_print(spelt) else _spelt_in_ascii(word)

    def _can_print(self, text: str) -> bool:
        self.look_at([text])
        return self._prints.get(text, True)

    def _is_known(self, text: str) -> bool:
        return text in self._prints or (text.isascii() and text.isprintable())

    def _look_at(self, texts: list[str]) -> None:
        if texts and not self._print_together(texts):
            self._search(texts)

    def _search(self, texts: list[str]) -> None:
        """Find those that cannot be printed, among texts that cannot be together."""
        half = len(texts) // 2
        if not half:
            self._prints[texts[0]] = False
        elif self._print_together(texts[:half]):
            self._search(texts[half:])
        else:
            self._search(texts[:half])
            self._look_at(texts[half:])

    def _print_together(self, texts: list[str]) -> bool:
        try:
            self.compile("probe", {"probe.json": as_json(texts)}, at=0)
        except typst.TypstError:
            return False
        self._prints |= dict.fromkeys(texts, True)
        return True


def _spelt_in_ascii(text: str) -> str:
    printable = frozenset(map(chr, range(0x20, 0x7F)))
    return "".join(c if c in printable else _code_point(c) for c in text)


def _code_point(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def as_json(value: object) -> bytes:
    """A value as a file that a template reads."""
    return json.dumps(value, ensure_ascii=False).encode()


@cache
def _template(name: str) -> dict[str, bytes]:
    folder = files("signer.declaration.pdf") / name
    parts = [part for part in folder.iterdir() if part.name.endswith(".typ")]
    return {part.name: part.read_bytes() for part in parts} | {
        "faces.json": as_json(FACES)
    }


# One compiler a process: a forked child must not share the parent's folder, and a lock
# that another thread held while forking would never open in the child.
_lock = threading.Lock()
_compiler: _Press | None = None

# Typst keeps threads, and a fork takes none of them along: see `elsewhere`.
_threads_started = False
_threads_lost = False


def _warm_press() -> _Press:
    global _compiler, _threads_started  # noqa: PLW0603 - one a process, made when needed
    _threads_started = True
    if _compiler is not None and not _compiler.folder.is_dir():
        _compiler.close()
        _compiler = None
    if _compiler is None:
        _compiler = _Press()
        atexit.register(_compiler.close)
    return _compiler


def _forget_press() -> None:
    global _lock, _compiler, _threads_lost  # noqa: PLW0603 - see above
    if _compiler is not None:
        # The folder is the parent's, which may be killed while this child lives.
        _compiler.close()
    _lock, _compiler = threading.Lock(), None
    _threads_lost = _threads_started


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_press)
