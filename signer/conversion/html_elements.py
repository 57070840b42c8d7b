"""What single elements of HTML say of the words in them."""

from __future__ import annotations

import re
from typing import Any

from lxml.html import HtmlElement

from signer.conversion.lines import whole_address

LETTERED = {
    "a": "a",
    "lower-alpha": "a",
    "lower-latin": "a",
    "A": "A",
    "upper-alpha": "A",
    "upper-latin": "A",
    "i": "i",
    "lower-roman": "i",
    "I": "I",
    "upper-roman": "I",
}
_STYLE = re.compile(r"([a-z-]+)\s*:\s*([^;]+)")
_BOLD = re.compile(r"bold|bolder|[6-9]00")
_PLAIN = frozenset({"normal", "400"})


def style_of(element: HtmlElement) -> dict[str, str]:
    """The properties in an element's own style, in lower case."""
    style = element.get("style")
    if not style:
        return {}
    return {name: value.strip() for name, value in _STYLE.findall(style.lower())}


def words_of(element: HtmlElement) -> str:
    """All words in an element."""
    return "".join(element.itertext())


def number_in(text: str | None, otherwise: int) -> int:
    """A small number of an attribute."""
    text = (text or "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):  # noqa: PLR2004
        return otherwise
    return max(int(text), 1)


def marks_of(
    element: HtmlElement, tag: str, style: dict[str, str], outside: dict[str, Any]
) -> dict[str, Any]:
    """The marks of a span inside of an element, from those outside of it."""
    marks = dict(outside)
    weight = style.get("font-weight", "")
    if weight in _PLAIN:
        marks.pop("strong", None)
    elif tag in {"b", "strong"} or _BOLD.fullmatch(weight):
        marks["strong"] = True
    slant = style.get("font-style", "")
    if slant == "normal":
        marks.pop("emphasis", None)
    elif tag in {"i", "em", "cite"} or slant in {"italic", "oblique"}:
        marks["emphasis"] = True
    if tag == "a" and (href := whole_address(element.get("href", ""))):
        marks["href"] = href
    return marks


def lettered(number: int, kind: str) -> str:
    """A number as a letter (a to z, then aa) or in Roman numerals."""
    if kind in "aA":
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    else:
        letter = ""
        for value, sign in zip(
            (100, 90, 50, 40, 10, 9, 5, 4, 1),
            ("c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
            strict=True,
        ):
            letter += sign * (number // value)
            number %= value
    return letter.upper() if kind.isupper() else letter
