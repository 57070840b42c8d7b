"""The page for auditors on what the judges said, made from what they said."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.conftest import REPOSITORY
from tests.judges.names import NAMES
from tests.judges.running import DSS, JUDGES, PDFBOX, PDFJS, PROGRAMS, VERAPDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tests.judges.verdicts import Judged

PAGE = REPOSITORY / "docs" / "guides" / "judges.md"

KINDS = {
    "flips": "Bits flipped",
    "updates": "Something added behind the seal",
    "ranges": "Parts of the file left uncovered",
    "signers": "Sealed by somebody else, or otherwise",
    "spoilt": "Rewritten where no signature reaches",
    "times": "Times and timestamps",
    "contents": "Attachments and text exchanged",
    "shadows": "Content hidden under the seal",
    "insiders": "Active or hidden content, with the school's key",
    "untrue": "Sealed with the school's key, but not true",
    "hidden_words": "Words that no page shows, with the school's key",
    "archived": "More in an archive copy than belongs there",
    "structure": "The structure of the file",
    "bombs": "Made to use up a machine",
}
"""The rooms of the corpus, as people call what was done there."""

_HEAD = """\
---
title: What other programs say
description: What DSS, veraPDF, PDFBox and pdf.js say of sealed files of every kind.
---

# What other programs say

For any auditor who wants to know how programs that others wrote judge the school's
files. A part of the [guide for auditors](auditors.md).
{ .reader }

This page was made on DATE by `make judges`. The command makes new files of every kind,
has each program judge them, and writes down what they said. No line is written by hand.

- **DSS VERSION_DSS** is the European Commission's reference program for signatures. It
  was given the certificates and the newest revocation lists, and no internet.
- **veraPDF VERSION_VERAPDF** checks a file against PDF/A-3a and PDF/UA-1.
- **PDFBox VERSION_PDFBOX**, with BouncyCastle, checks the seal, and reads the words in
  the order in which a screen reader gets them.
- **pdf.js VERSION_PDFJS**, the reader in Firefox, reads the same words.
"""

_GENUINE = """\

## Genuine files

The declarations are made in NAMES: in Arabic, Hebrew, Persian and Urdu,
with Latin words among them, with combining marks, in other scripts of Asia and Africa,
with signs and apostrophes, and very long ones. Each cell says how many files the
program accepts:

- DSS: *TOTAL_PASSED*, nothing changed, and the level that the file should have. In an
  archive copy, DSS lists the data for validation as an extension.
- veraPDF: both standards.
- PDFBox: the seal and its timestamp fit, the seal covers the whole file, and the name
  reads in its own order.
- pdf.js: the name reads in its own order.

A PDF holds letters as they are drawn. So the element of a name also gives its text
(`ActualText`), and both programs read that, as screen readers do.

"""

_FORGED = """\

## Forgeries

These files were made from genuine ones, some of them with the school's key. A cell says
how many of them a program does not accept. `signer verify` accepts none. veraPDF and
pdf.js do not judge seals.

"""

_PASSED = """\

Both DSS and PDFBox accept the following, because they do not read what a declaration
says, or trust whatever the school's key has sealed. What `signer verify` says of each
is beside it.

"""


def page(judged: Sequence[Judged], at: datetime) -> str:
    """The page in Markdown.

    Args:
        judged: every file, with what all judges said of it.
        at: the day.
    """
    names = {one.file.name for one in judged if one.file.name}
    text = _HEAD.replace("DATE", f"{at.day} {at:%B %Y}")
    for judge, version in versions().items():
        text = text.replace(f"VERSION_{judge.upper().replace('.', '')}", version)
    genuine = [one for one in judged if one.file.genuine]
    forged = [one for one in judged if not one.file.genuine]
    text += _GENUINE.replace("NAMES", _counted(len(names))) + _of_genuine(genuine)
    text += _FORGED + _of_forged(forged)
    passed = [one for one in forged if one.accepts("DSS") and one.accepts("PDFBox")]
    if passed:
        text += _PASSED + _table(
            ("What was done", "`signer verify` says"),
            ((one.file.done, str(one.file.answer)) for one in passed),
        )
    return text


def _counted(names: int) -> str:
    """How many of the names were used."""
    some = "" if names == len(NAMES) else f"{names} of "
    return f"{some}{len(NAMES)} awkward names"


def versions() -> dict[str, str]:
    """The version of each judge, by its name."""
    project = (PROGRAMS / "pom.xml").read_text(encoding="utf-8")
    found = {
        judge.name: match[1]
        for judge in (DSS, VERAPDF, PDFBOX)
        if (match := re.search(rf"<{judge.folder}\.version>(.*)</", project))
    }
    package = (PROGRAMS / PDFJS.folder / "package.json").read_text(encoding="utf-8")
    return found | {PDFJS.name: json.loads(package)["dependencies"]["pdfjs-dist"]}


def _of_genuine(genuine: Sequence[Judged]) -> str:
    groups: dict[tuple[str, str], list[Judged]] = {}
    for one in genuine:
        groups.setdefault((one.file.kind, one.file.key), []).append(one)
    judges = [judge.name for judge in JUDGES]
    return _table(
        ("Files", "Key", "Number", *judges),
        (
            (kind, key, len(group), *(_accepted(group, name) for name in judges))
            for (kind, key), group in sorted(groups.items())
        ),
    )


def _accepted(group: Sequence[Judged], judge: str) -> str:
    count = sum(one.accepts(judge) for one in group)
    return "all" if count == len(group) else f"**{count}**"


def _of_forged(forged: Sequence[Judged]) -> str:
    rows = []
    for kind, words in KINDS.items():
        group = [one for one in forged if one.file.kind == kind]
        if group:
            refused = (
                sum(not one.accepts(judge.name) for one in group)
                for judge in (DSS, PDFBOX)
            )
            rows.append((words, len(group), *refused))
    return _table(("What was done", "Files", "DSS", "PDFBox"), rows)


def _table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in line)} |\n"
        for line in lines
    )
