"""The declaration as a PDF: PDF/A-3a and PDF/UA-1 together, set by Typst.

The same statement and the same version give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from signer.declaration.pdf.qr_code import qr_code
from signer.declaration.pdf.subprocess_typesetting import DECLARATION, ask_subprocess
from signer.declaration.pdf.template_data import (
    printed_policy,
    printed_statement,
    verify_address,
)
from signer.declaration.pdf.typst_compiler import (
    Spelling,
    as_json,
    compile_pdf,
    is_cold,
    typst_version,
)
from signer.declaration.statement import Statement, from_json
from signer.errors import TypesetError

__all__ = [
    "TEMPLATE_VERSION",
    "check_filename",
    "made_with",
    "typeset",
    "typst_version",
]

TEMPLATE_VERSION = "4"
"""Changes whenever the same statement, or the same version of the policy, would give
other bytes with the same Typst."""

TEMPLATES = {"2": "template_2", "3": "template_3", TEMPLATE_VERSION: "template"}
"""The folder of each template, by its version.

An earlier one is kept as it was, for a declaration is typeset by the template that it
names: its pages can be compared for good, and what was signed before an upgrade and
sealed after it is sealed as it was signed."""

RELEASED_WITH = frozenset((template, "0.15.2") for template in ("1", *TEMPLATES))
"""The versions of template and Typst that any release has set pages with, as pairs.

A declaration that names others is none of ours, or of a later release: each release
sets pages with the one Typst that `pyproject.toml` names."""

BEFORE_FONTS = frozenset({"1"})
"""The templates of the releases whose statements named no fonts yet."""

STATEMENT_FILENAME = "declaration.json"

_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


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
    check_filename(policy_filename)
    if is_cold():
        return ask_subprocess(
            DECLARATION,
            statement_json=statement_json,
            policy_blocks=policy_blocks,
            policy_source=policy_source,
            policy_filename=policy_filename,
        )

    def pages(spelling: Spelling) -> dict[str, bytes]:
        policy = printed_policy(policy_blocks, spelling)
        declared = _declared(statement, statement_json, spelling)
        return {
            "declared.json": as_json(
                declared | {"filename": policy_filename, "spelt_out": spelling.changed}
            ),
            "policy.json": as_json(policy),
            "verify.svg": qr_code(verify_address(statement)),
            "statement.json": statement_json,
            "version.md": policy_source,
        }

    folder = TEMPLATES.get(statement.template, TEMPLATES[TEMPLATE_VERSION])
    at = int(statement.confirmed_at.timestamp())
    return compile_pdf("main", pages, at, folder)


def check_filename(filename: str) -> None:
    """Refuse a name that a version's file cannot be attached under.

    Raises:
        TypesetError: it leads elsewhere, or is the statement's.
    """
    if not _FILENAME.fullmatch(filename) or filename == STATEMENT_FILENAME:
        raise TypesetError("the version's file cannot be attached under that name")


def made_with(template: str = TEMPLATE_VERSION) -> dict[str, str]:
    """What a document is made with in fact, for its pages.

    An upgrade of Typst between signing and typesetting must not be hidden.
    """
    known = template if template in TEMPLATES else TEMPLATE_VERSION
    return {"template": known, "typst": typst_version()}


def _declared(
    statement: Statement, statement_json: bytes, spelling: Spelling
) -> dict[str, Any]:
    printed = printed_statement(statement, statement_json, spelling)
    return printed | {"made_with": made_with(statement.template)}
