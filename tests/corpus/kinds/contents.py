"""Sealed with the school's key over what is no declaration, or not this one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from signer.declaration.pdf.declaration_pdf import typeset
from signer.declaration.seal.seal import seal
from signer.declaration.statement import to_json
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from tests.conftest import MOMENT
from tests.corpus.case import OPEN, REFUSED, SEALED_TEXT, Room
from tests.corpus.raw import body_of, root_of, updated
from tests.declaration.forgery import (
    STATEMENT,
    VERSION,
    as_one,
    typeset_declaration,
    with_attachment,
    without_attachments,
)

if TYPE_CHECKING:
    from signer.declaration.statement import Statement
    from tests.corpus.bench import Bench

case = Room()

OTHER_TEXT = VERSION.source.replace(b"must", b"may ")
TOM = replace(STATEMENT, parent_name="Tom O'Brien", typed_name="Tom O'Brien")


def _sealed(bench: Bench, pdf: bytes) -> bytes:
    return seal(pdf, bench.key, at=MOMENT).pdf


def _with(bench: Bench, **attached: bytes) -> bytes:
    """The pages as typeset, with other attachments: ``md`` and ``json``."""
    pdf = without_attachments(bench.typeset)
    for kind, content in attached.items():
        name = {"md": "2.md", "json": "declaration.json"}[kind]
        pdf = with_attachment(pdf, name, content)
    return _sealed(bench, pdf)


@case("No attachment at all.", REFUSED, "statement")
def attachments_missing(bench: Bench) -> bytes:
    return _with(bench)


@case("No statement attached, only the text.", SEALED_TEXT, "statement")
def statement_missing(bench: Bench) -> bytes:
    return _with(bench, md=VERSION.source)


@case("No text attached.", REFUSED, "policy")
def text_missing(bench: Bench) -> bytes:
    return _with(bench, json=to_json(STATEMENT))


@case("The statement attached twice.", REFUSED, "statement")
def statement_twice(bench: Bench) -> bytes:
    more = with_attachment(bench.typeset, "declaration.json", to_json(TOM))
    return _sealed(bench, more)


@case("The text attached twice.", REFUSED, "statement")
def text_twice(bench: Bench) -> bytes:
    return _sealed(bench, with_attachment(bench.typeset, "2.md", OTHER_TEXT))


@case("A third file attached.", REFUSED, "statement")
def another_attachment(bench: Bench) -> bytes:
    more = with_attachment(bench.typeset, "note.txt", b"I do not agree.")
    return _sealed(bench, more)


@case("A statement whose JSON is not canonical.", REFUSED, "statement")
def statement_not_canonical(bench: Bench) -> bytes:
    return _with(bench, md=VERSION.source, json=to_json(STATEMENT) + b"\n")


@case("A statement of an unknown format.", REFUSED, "statement")
def statement_of_another_format(bench: Bench) -> bytes:
    other = to_json(STATEMENT).replace(b"mos-declaration/1", b"mos-declaration/9")
    return _with(bench, md=VERSION.source, json=other)


@case("Another text than the one that the statement names.", REFUSED, "policy")
def another_text(bench: Bench) -> bytes:
    return _with(bench, md=OTHER_TEXT, json=to_json(STATEMENT))


def _of_text(bench: Bench, text: bytes, statement: Statement) -> bytes:
    page = blocks(to_html(VERSION.body))
    name = f"{statement.policy_version}.md"
    return _sealed(bench, typeset(to_json(statement), page, text, name))


@case("A text that the statement names, and nobody released.", REFUSED, "policy")
def a_text_of_their_own(bench: Bench) -> bytes:
    named = replace(STATEMENT, policy_sha256=hashlib.sha256(OTHER_TEXT).hexdigest())
    return _of_text(bench, OTHER_TEXT, named)


@case("The text of version 2 under the number of version 3.", OPEN, "policy")
def another_version_s_number(bench: Bench) -> bytes:
    return _of_text(bench, VERSION.source, replace(STATEMENT, policy_version=3))


@case(
    "The text of version 2 under the number of another that was released.",
    REFUSED,
    "policy",
    given=lambda _: {"released": {2: VERSION.source, 3: OTHER_TEXT}},
)
def another_version_s_text(bench: Bench) -> bytes:
    return _of_text(bench, VERSION.source, replace(STATEMENT, policy_version=3))


@case("One parent's pages with another's statement.", REFUSED, "typesetting", deep=True)
def another_parent_s_pages(bench: Bench) -> bytes:
    pages = without_attachments(typeset_declaration(TOM))
    pdf = with_attachment(pages, "2.md", VERSION.source)
    return _sealed(bench, with_attachment(pdf, "declaration.json", to_json(STATEMENT)))


def _renamed(bench: Bench, pattern: bytes, new: bytes) -> bytes:
    """The typeset file with one entry of an attachment's description changed."""
    names = body_of(bench.typeset, root_of(bench.typeset))
    number = int(re.findall(rb"\(declaration\.json\)\s*(\d+) 0 R", names)[0])
    body = body_of(bench.typeset, number)
    changed, count = re.subn(pattern, new, body, count=1)
    assert count
    return _sealed(bench, as_one(updated(bench.typeset, {number: changed})))


ENTRIES = {
    "two-names": (rb"/UF\s*\([^)]*\)", b"/UF(other.json)"),
    "no-name": (rb"/UF\s*\([^)]*\)", b""),
    "two-contents": (rb"/EF\s*<<\s*/F\s*(\d+) 0 R", rb"/EF<</F 1 0 R/X \1 0 R"),
    "no-content": (rb"/EF\s*<<[^>]*>>", b""),
    "a-place-outside": (rb"/EF\s*<<[^>]*>>", b"/EF<</F(/etc/passwd)>>"),
}
for _name, (_pattern, _new) in ENTRIES.items():
    case.add(
        f"attachment-with-{_name}",
        f"The statement's attachment has {_name.replace('-', ' ')}.",
        REFUSED,
        "statement",
        partial(_renamed, pattern=_pattern, new=_new),
    )
