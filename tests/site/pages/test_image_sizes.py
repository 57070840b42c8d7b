"""How large each picture of a page is."""

from __future__ import annotations

import struct

import pytest

from signer.site.pages.image_sizes import size_of, with_sizes

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 900)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 1784"></svg>'


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (PNG, (640, 900)),
        (SVG, (960, 1784)),
        (b"<svg></svg>", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_a_file_says_its_size(content: bytes, size: tuple[int, int] | None) -> None:
    """A PNG and an SVG with a view box do; of others nothing is claimed."""
    assert size_of(content) == size


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<img alt="A" />', '<img width="640" height="900" alt="A" />'),
        ('<img width="320">', '<img width="320" height="450">'),
        ('<img width="1" height="2">', '<img width="1" height="2">'),
    ],
)
def test_each_picture_has_its_size(before: str, after: str) -> None:
    """A width that is given stays, and so does a height."""
    source = '<img src="a.png"'
    made = with_sizes(before.replace("<img", source), {"a.png": PNG}.get)
    assert made.replace(' src="a.png"', "") == after


@pytest.mark.parametrize("picture", ['<img src="none.png">', '<img alt="">'])
def test_what_cannot_be_known_is_left_alone(picture: str) -> None:
    """A picture of another site, or without an address."""
    assert with_sizes(picture, {"a.png": PNG}.get) == picture
