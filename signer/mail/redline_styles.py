"""A redline dressed for mail: inline styles, since many programs drop style sheets."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup

from signer.mail.inline_styles import LIGHT, STYLES

_CELL = f"padding:6px 8px;border:1px solid {LIGHT['line']};text-align:left"
_STYLES = {
    "p": STYLES["p"],
    "h2": STYLES["h3"],
    "h3": STYLES["h3"],
    "h4": STYLES["h3"],
    "h5": STYLES["h3"],
    "h6": STYLES["h3"],
    "ul": STYLES["list"],
    "ol": STYLES["list"],
    "li": STYLES["item"],
    "a": STYLES["a"],
    "table": "border-collapse:collapse;margin:0 0 16px",
    "th": f"{_CELL};{STYLES['cell']}",
    "td": f"{_CELL};{STYLES['cell']}",
    "blockquote": f"margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid "
    f"{LIGHT['line']}",
    "ins": STYLES["ins"],
    "del": STYLES["del"],
}
_TAG = re.compile(r"<([a-z][a-z0-9]*)(?=[ >])")
_ID = re.compile(r' id="[^"]*"')
_GAP = re.compile(r'<p class="redline-said redline-gap">.*?</p>', re.DOTALL)
_NEIGHBOURS = re.compile(r"</del>(?=<ins[ >])")


@lru_cache(maxsize=8)
def dressed(redline: str) -> Markup:
    """A redline's HTML with the style of each element in the element.

    Args:
        redline: what `signer.redline.model.redline_html` gave; its text is escaped,
            so that every ``<`` in it begins an element.
    """

    def with_style(tag: re.Match[str]) -> str:
        style = _STYLES.get(tag[1])
        return f'<{tag[1]} style="{style}"' if style else tag[0]

    # The mail has said that it shows the changed parts alone.
    bare = _GAP.sub("", _ID.sub("", redline))
    apart = _NEIGHBOURS.sub("</del> ", bare)
    return Markup(_TAG.sub(with_style, apart))  # noqa: S704 - as above
