"""The pieces that generated pages are put together from: HTML inside Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from signer.policy.versions import Version

CONFIRM = "statements"
"""The id of the section that repeats what a parent confirms."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|])")


def front(description: str, *, listed: bool = True, moved_to: str = "") -> str:
    """A page's front matter.

    Args:
        description: one sentence of plain words, without colons.
        listed: whether search engines may list the page: a draft is not for them.
        moved_to: what took the page's place, such as ``changes/``; browsers go there.
    """
    hidden = "" if listed else "robots: noindex\n"
    moved = f"moved_to: {moved_to}\n" if moved_to else ""
    return f"---\ndescription: {description}\n{hidden}{moved}---"


def facts(*rows: tuple[str, str]) -> str:
    """A box of facts, each a name and a value; the values are HTML."""
    listed = "\n".join(
        f"<div><dt>{name}</dt> <dd>{value}</dd></div>" for name, value in rows
    )
    return f'<div class="policy-facts">\n<dl>\n{listed}\n</dl>\n</div>'


def notice(kind: str, *sentences: str) -> str:
    """A box that stands out; the sentences are HTML, one paragraph each.

    Args:
        kind: ``old``, ``draft`` or ``due``, for the style sheet.
        sentences: the first is set in bold.
    """
    first, *others = sentences
    inside = "\n".join(
        (f"<p><strong>{first}</strong></p>", *(f"<p>{one}</p>" for one in others))
    )
    return f'<div class="policy-notice policy-notice--{kind}">\n{inside}\n</div>'


def section(heading: str, kind: str, items: Sequence[str], *, mark: str = "") -> str:
    """A section beside the policy's own text: a heading and a list.

    Args:
        heading: the heading, as HTML.
        kind: ``ul`` or ``ol``.
        items: plain text, one item each.
        mark: the section's id; none if empty.
    """
    own = f' id="{mark}"' if mark else ""
    return (
        f'<section class="policy-section"{own}>\n<h2>{heading}</h2>\n'
        f"{listing(kind, items)}\n</section>"
    )


def listing(kind: str, items: Sequence[str]) -> str:
    """A list (``ul`` or ``ol``) of plain texts."""
    listed = "\n".join(f"<li>{escape(item, quote=False)}</li>" for item in items)
    return f"<{kind}>\n{listed}\n</{kind}>"


def statements(declaration: Sequence[str]) -> str:
    """The statements that a parent confirms, in a section of their own."""
    return section("What parents and carers confirm", "ol", declaration, mark=CONFIRM)


def link(address: str, words: str) -> str:
    """A link with plain words."""
    return f'<a href="{escape(address)}">{escape(words, quote=False)}</a>'


def as_pdf(version: Version, *, service: bool) -> tuple[tuple[str, str], ...]:
    """The fact that leads to a version's PDF; none where no service makes it."""
    if not service:
        return ()
    address = f"/pdf/{version.number}"
    return (("PDF", link(address, "Download as PDF, sealed by the school")),)


def fingerprint(version: Version) -> str:
    """A version's SHA-256, which breaks into lines of the same length."""
    digits = version.sha256
    parts = (digits[at : at + 16] for at in range(0, len(digits), 16))
    return f"<code>{'<wbr>'.join(parts)}</code>"


def name(version: Version) -> str:
    """A version as people say it: ``2 (August 2022)``, as plain text."""
    return f"{version.number} ({version.label})"


def plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return _SPECIAL.sub(r"\\\1", escape(text, quote=False))


def page(*parts: str) -> str:
    """A page's parts, the empty ones left out."""
    return "\n\n".join(part for part in parts if part) + "\n"
