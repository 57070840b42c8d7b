"""How large each picture of a page is, said beforehand, so that no text jumps."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

_PNG = b"\x89PNG\r\n\x1a\n"
_PICTURE = re.compile(r"<img\b[^>]*>")
_SOURCE = re.compile(r'\bsrc="([^"]*)"')
_WIDTH = re.compile(r'\s*\bwidth="(\d+)"')
_VIEW_BOX = re.compile(rb'\bviewBox="0 0 (\d+) (\d+)"')


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG or an SVG file; None where it says neither.

    Args:
        content: the file. A PNG has its size in its first block (PNG §11.2.1).
    """
    if content.startswith(_PNG) and content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    box = _VIEW_BOX.search(content[:1000])
    return (int(box[1]), int(box[2])) if box else None


def with_sizes(html: str, read: Callable[[str], bytes | None]) -> str:
    """A page whose pictures keep their place free while they are on their way.

    Args:
        html: the page. A width that it gives stays, and the height follows from it.
        read: gives the file of a picture by its address, or None.
    """

    def sized(found: re.Match[str]) -> str:
        picture = found[0]
        source = _SOURCE.search(picture)
        content = read(source[1]) if source else None
        size = size_of(content) if content else None
        if size is None or " height=" in picture:
            return picture
        width, height = size
        if given := _WIDTH.search(picture):
            width, height = int(given[1]), round(height * int(given[1]) / width)
        rest = _WIDTH.sub("", picture).removeprefix("<img")
        return f'<img width="{width}" height="{height}"{rest}'

    return _PICTURE.sub(sized, html)
