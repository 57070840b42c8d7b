"""Typesetting the pages again: whether they show what the statement says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from signer.declaration.pdf.declaration_pdf import (
    BEFORE_FONTS,
    RELEASED_WITH,
    TEMPLATE_VERSION,
    TEMPLATES,
    typeset,
    typst_version,
)
from signer.declaration.pdf.fonts import FIRST_FONTS, RELEASED_FONTS, fonts_sha256
from signer.declaration.pdf.reproducibility import is_set_as_known
from signer.declaration.statement import Statement, from_json
from signer.declaration.verify.inputs import Rendered
from signer.errors import CheckFailed, InDoubt, NotChecked, TypesetError

_NUMBERED = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}", re.ASCII)


def check_made_with(statement: Statement) -> None:
    """Refuse a template, a Typst or fonts that no release set pages with.

    Otherwise, whoever holds the school's key could name one that nobody has, and no
    page would be compared any more.

    Raises:
        CheckFailed: no release did.
        InDoubt: a later release may have.
    """
    template, typst = made = (statement.template, statement.typst)
    which = f"template {template} and Typst {typst}"
    if made not in {*RELEASED_WITH, (TEMPLATE_VERSION, typst_version())}:
        newest = [
            max(map(_numbers, found)) for found in zip(*RELEASED_WITH, strict=True)
        ]
        later = all(map(_NUMBERED.fullmatch, made)) and any(
            _numbers(one) > last for one, last in zip(made, newest, strict=True)
        )
        raise _made_by_nobody(which, later=later)
    fonts = statement.fonts
    if fonts is None:
        return
    if template in BEFORE_FONTS or fonts not in {*RELEASED_FONTS, fonts_sha256()}:
        # The releases that set pages with an earlier template are all known here.
        raise _made_by_nobody(
            f"template {template}, Typst {typst} and the fonts {fonts[:16]}…",
            later=template == TEMPLATE_VERSION,
        )


def _made_by_nobody(which: str, *, later: bool) -> CheckFailed | InDoubt:
    """What to say of programs that no release up to this one set pages with."""
    if later:
        return InDoubt(
            f"The declaration names {which}, and no release up to this one set pages "
            "with them. Check again with an up-to-date copy of this project."
        )
    return CheckFailed(
        f"The declaration names {which}, and no release of this project ever set pages "
        "with them."
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def check_pages(
    pdf: bytes,
    statement_json: bytes,
    *,
    released: Mapping[int, bytes],
    rendered: Mapping[int, Rendered],
) -> str:
    """Compare the pages that were sealed with those that the statement gives.

    A seal is added behind the typeset file, so that a sealed one begins with exactly
    its bytes.

    Args:
        pdf: the sealed file.
        statement_json: the statement attached to it, in canonical JSON.
        released: the whole file of each released version, by its number.
        rendered: the blocks of each of those versions.

    Returns:
        The sentence that says what was found.

    Raises:
        CheckFailed: the pages are others.
        NotChecked: they were made with other programs than those here, or the text
            is not at hand.
    """
    statement = from_json(statement_json)
    if statement.template not in TEMPLATES or statement.typst != typst_version():
        raise NotChecked(
            f"The pages were made with template {statement.template} and Typst "
            f"{statement.typst}; here are template {' and '.join(TEMPLATES)} and Typst "
            f"{typst_version()}, which may set them otherwise."
        )
    fonts = statement.fonts or FIRST_FONTS
    if fonts != fonts_sha256():
        raise NotChecked(
            f"The pages were made with the fonts {fonts[:16]}…; here are "
            f"{fonts_sha256()[:16]}…, which may set them otherwise."
        )
    if not is_set_as_known(statement.template):
        raise NotChecked(
            "This machine sets pages differently from ours, perhaps with other "
            "fonts, so they could not be compared."
        )
    number = statement.policy_version
    source = released.get(number, b"")
    if (
        number not in rendered
        or hashlib.sha256(source).hexdigest() != statement.policy_sha256
    ):
        raise NotChecked(
            "The text that the declaration names is not here, so the pages could "
            "not be typeset again."
        )
    try:
        typeset_again = typeset(
            statement_json, rendered[number], source, f"{number}.md"
        )
    except TypesetError as error:
        raise NotChecked("The pages could not be typeset again here.") from error
    if not pdf.startswith(typeset_again):
        raise CheckFailed(
            "The pages are not the ones that this declaration and this text give. "
            "They may say something other than the declaration inside."
        )
    return "The pages are, byte for byte, what the declaration and the text give."
