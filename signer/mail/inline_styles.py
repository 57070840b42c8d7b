"""How mail looks: inline styles, since many mail programs drop style sheets.

The colours are those of ``signer/theme/tokens.css``, by the same names. Dark colours
stand in a style block, for the programs that heed it.
"""

from __future__ import annotations

import re
from importlib.resources import files

_TOKENS = (files("signer.theme") / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part))
    for part in _TOKENS.split("prefers-color-scheme: dark")
)
"""The colours by their names, for each ground."""

_FACE = (
    "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,"
    "'Noto Sans',Helvetica,Arial,sans-serif"
)
_BODY = f"{_FACE};font-size:17px;line-height:1.55;color:{LIGHT['ink']}"
_QUIET = f"{_FACE};font-size:14px;line-height:1.5;color:{LIGHT['ink-quiet']}"

STYLES = {
    "band": f"{_FACE};font-size:18px;line-height:1.3;font-weight:700;"
    f"color:{LIGHT['brand-ink']}",
    "p": f"margin:0 0 16px;{_BODY}",
    "h1": f"margin:0 0 4px;{_FACE};font-size:25px;line-height:1.25;font-weight:700;"
    f"color:{LIGHT['ink']}",
    # With no smaller print below that belongs to it.
    "h1_alone": f"margin:0 0 16px;{_FACE};font-size:25px;line-height:1.25;"
    f"font-weight:700;color:{LIGHT['ink']}",
    "h2": f"margin:28px 0 6px;{_FACE};font-size:18px;line-height:1.35;"
    f"font-weight:700;color:{LIGHT['ink']}",
    "h3": f"margin:18px 0 4px;{_FACE};font-size:16px;line-height:1.35;"
    f"font-weight:700;color:{LIGHT['ink']}",
    "cell": f"{_FACE};font-size:15px;line-height:1.45;color:{LIGHT['ink']}",
    "ins": f"color:{LIGHT['added']};background-color:{LIGHT['added-ground']};"
    "text-decoration:underline",
    "del": f"color:{LIGHT['removed']};background-color:{LIGHT['removed-ground']};"
    "text-decoration:line-through",
    "edition": f"margin:0 0 20px;{_QUIET}",
    "quiet": f"margin:0 0 8px;{_QUIET}",
    "footer": f"margin:0 0 8px;overflow-wrap:anywhere;{_QUIET}",
    "list": "margin:0 0 16px;padding:0 0 0 22px",
    "item": f"margin:0 0 6px;{_BODY}",
    "a": f"color:{LIGHT['link']};text-decoration:underline",
    "long": f"color:{LIGHT['link']};text-decoration:underline;overflow-wrap:anywhere",
    # A token may break anywhere, also in programs that know no overflow-wrap.
    "bare": f"color:{LIGHT['link']};text-decoration:underline;word-break:break-all",
    "button": f"display:inline-block;padding:14px 30px;{_FACE};font-size:18px;"
    f"line-height:1.25;font-weight:700;color:{LIGHT['action-ink']};"
    f"background-color:{LIGHT['action']};text-decoration:none;border-radius:8px",
    "button_cell": f"background-color:{LIGHT['action']};border-radius:8px;"
    "mso-padding-alt:14px 30px",
    "term": f"padding:9px 14px 9px 0;{_QUIET};vertical-align:top;"
    f"border-top:1px solid {LIGHT['line']};white-space:nowrap",
    "fact": f"padding:8px 0;{_FACE};font-size:16px;line-height:1.5;"
    f"color:{LIGHT['ink']};vertical-align:top;border-top:1px solid {LIGHT['line']};"
    "overflow-wrap:anywhere",
    "note": f"padding:14px 18px;{_BODY};background-color:{LIGHT['note-ground']};"
    f"border-left:4px solid {LIGHT['brand']};overflow-wrap:anywhere;"
    "white-space:pre-line",
    "alarm": f"padding:14px 18px;{_BODY};background-color:{LIGHT['warn-ground']};"
    f"border-left:4px solid {LIGHT['warn']};overflow-wrap:anywhere",
    "code": "font-family:Consolas,Menlo,'Courier New',monospace;font-size:15px;"
    f"color:{LIGHT['ink']};background-color:{LIGHT['ground']};padding:2px 6px",
}
"""Inline styles by the part they dress; templates read them as ``look``."""

_VALUE = r"([^\s;]+)"
_SIDES = re.compile(
    rf"\b(left|right)\b|(?<=:){_VALUE} {_VALUE} {_VALUE} {_VALUE}(?=;|$)"
)


def styles(direction: str) -> dict[str, str]:
    """The inline styles for ``ltr`` or ``rtl``.

    Mail programs know few of the properties that turn round by themselves, so what
    stands on the left is put on the right here.
    """
    if direction == "ltr":
        return STYLES
    return {part: _SIDES.sub(_other_side, style) for part, style in STYLES.items()}


def _other_side(found: re.Match[str]) -> str:
    if found[1]:
        return "left" if found[1] == "right" else "right"
    top, right, bottom, left = found.group(2, 3, 4, 5)
    return f"{top} {left} {bottom} {right}"
