"""A released version as a PDF: the text alone, for anybody, signed by nobody.

Typeset by the same template as a declaration, to the same standards: PDF/A-3a and
PDF/UA-1. The same version gives the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from signer.declaration.pdf.declaration_pdf import check_filename, made_with
from signer.declaration.pdf.subprocess_typesetting import VERSION, ask_subprocess
from signer.declaration.pdf.template_data import printed_policy, printed_text
from signer.declaration.pdf.typst_compiler import (
    Spelling,
    as_json,
    compile_pdf,
    is_cold,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionText:
    """What the document of a version says, besides the text itself."""

    school: str
    motto: str
    title: str
    number: int
    label: str
    released: str
    """When, in words: ``August 2022`` or ``31 August 2022``."""
    in_force_from: str = ""
    """The day from which it is in force, in words, where that is later; else empty."""
    review_by: str
    """By when it is to be reviewed, in words, as the version itself states."""
    summary: tuple[str, ...]
    """What changed, in plain words."""
    follows: bool
    """Whether there was a version before, for that to have changed since."""
    statements: tuple[str, ...]
    """What parents are asked to confirm, verbatim, in order."""
    address: str
    """The permanent address."""
    source: bytes
    """The version's whole file."""
    filename: str
    """The name it is attached under, such as ``2.md``."""
    dated: str
    """The date of the document: the day of the release, ``2022-08-31``."""

    @classmethod
    def of(cls, values: dict[str, Any]) -> VersionText:
        """The text whose fields came through JSON."""
        lists = {name: tuple(values[name]) for name in ("summary", "statements")}
        return cls(**(values | lists))


def typeset_version(text: VersionText, policy_blocks: list[dict[str, Any]]) -> bytes:
    """The PDF of a released version, with its file attached.

    Args:
        text: what it says of itself.
        policy_blocks: the rendered policy as a tree of blocks.

    Raises:
        TypesetError: its file cannot be attached under that name, or Typst failed.
    """
    check_filename(text.filename)
    if is_cold():
        return ask_subprocess(VERSION, policy_blocks=policy_blocks, **asdict(text))

    def pages(spelling: Spelling) -> dict[str, bytes]:
        policy = printed_policy(policy_blocks, spelling)
        released = _released(text, spelling)
        return {
            "released.json": as_json(released | {"spelt_out": spelling.changed}),
            "policy.json": as_json(policy),
            "version.md": text.source,
        }

    day = datetime.fromisoformat(text.dated).replace(tzinfo=UTC)
    return compile_pdf("version", pages, int(day.timestamp()))


def _released(text: VersionText, spelling: Spelling) -> dict[str, Any]:
    """The values that the pages show: nothing here is markup."""

    def said(words: str) -> dict[str, Any]:
        return printed_text(spelling(words))

    return {
        "school": said(text.school),
        "motto": said(text.motto),
        "title": said(text.title),
        "number": text.number,
        "edition": spelling(f"Version {text.number}, {text.label}"),
        "released": spelling(text.released),
        "in_force_from": spelling(text.in_force_from),
        "review_by": spelling(text.review_by),
        "summary": [said(words) for words in text.summary],
        "follows": text.follows,
        "statements": [said(words) for words in text.statements],
        "address": spelling(text.address),
        "sha256": hashlib.sha256(text.source).hexdigest(),
        "filename": text.filename,
        "made_with": made_with(),
    }
