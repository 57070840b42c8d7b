"""A redline in a terminal: in words first, and in colours where there are any."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from signer.redline.model import Redline
from signer.redline.text import redline_text

_ADDED, _REMOVED, _STRONG = "green", "red", "bold"
_STYLES = (
    (r"\[added: [^\]]*\]", _ADDED),
    (r"\[removed: [^\]]*\]", _REMOVED),
    (r"\[changed: [^\]]*\]", _STRONG),
    (r"(?m)^(Added|Moved to here)\b.*$", _ADDED),
    (r"(?m)^(Removed|Moved from here)\b.*$", _REMOVED),
    (r"(?m)^Changed\b", _STRONG),
    (r"(?m)^.+\n-+$", _STRONG),  # a heading
)


def show_redline(redline: Redline) -> None:
    """What changed, on standard output; the rest of the text is left out."""
    text = Text(redline_text(redline))
    for pattern, style in _STYLES:
        text.highlight_regex(pattern, style)
    Console(highlight=False).print(text)
