"""Versions that follow from the real version 2, and a review, for the tests."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from signer.policy.reviews import Review
from signer.policy.versions import read_version

SECOND = read_version(Path(__file__).parent.parent.parent / "versions" / "2.md")

OLD_WORDS = "We ask that parents read this document,"
NEW_WORDS = "We require that parents read this document,"
ADDED = "Parents may ask the school office for a copy on paper."

THIRD = replace(
    SECOND,
    number=3,
    label="September 2023",
    released="2023-09-05",
    review_by="2024-09",
    summary=("Parents may ask for a copy on paper.",),
    body=SECOND.body.replace(OLD_WORDS, NEW_WORDS),
    previous_sha256=SECOND.sha256,
    sha256="c" * 64,
)
FOURTH = replace(
    THIRD,
    number=4,
    label="October 2024",
    released="2024-10-01",
    review_by="2025-10",
    summary=("One more sentence.", 'It has <marks> & "signs" *in* it.'),
    body=f"{THIRD.body}\n{ADDED}\n",
    declaration=(*THIRD.declaration, "I know whom to ask."),
    previous_sha256=THIRD.sha256,
    sha256="d" * 64,
)
REVIEW = Review(
    reviewed="2025-09-30", version=4, by="Executive Headteacher", next="2026-10"
)

_FILE = """---
version: {version.number}
title: {version.title}
label: {version.label}
released: {version.released}
review_by: {version.review_by}
previous_sha256: {previous}
summary:
{summary}
declaration:
{declaration}
---

{body}
"""


def write_releases(folder: Path) -> None:
    """Versions 2, 3 and 4, chained by hash, and a review of the last one."""
    source = SECOND.source
    (folder / "2.md").write_bytes(source)
    for version in (THIRD, FOURTH):
        text = _FILE.format(
            version=version,
            previous=hashlib.sha256(source).hexdigest(),
            summary="\n".join(f"  - {_quoted(line)}" for line in version.summary),
            declaration="\n".join(f"  - {line}" for line in version.declaration),
            body=version.body.strip("\n"),
        )
        source = text.encode()
        (folder / version.filename).write_bytes(source)
    (folder / "reviews.toml").write_text(
        f'[[review]]\nreviewed = "{REVIEW.reviewed}"\nversion = {REVIEW.version}\n'
        f'by = "{REVIEW.by}"\nnext = "{REVIEW.next}"\n',
        encoding="utf-8",
    )


def _quoted(line: str) -> str:
    return "'" + line.replace("'", "''") + "'"
