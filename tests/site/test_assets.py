"""The site's one style sheet."""

from __future__ import annotations

import pytest

from signer.site.assets import fingerprinted, never_changes, one_sheet


def test_sheets_are_joined_in_their_order() -> None:
    """What comes later holds over what came before; comments stay at home."""
    path, text = one_sheet(
        "stylesheets", ["a { b: c }\n/* why */\n", "  d {\n\n  e: f }"]
    )
    assert text == "a { b: c }\nd {\ne: f }\n"
    assert path.startswith("stylesheets/site-")
    assert never_changes(path)


def test_another_style_has_another_address() -> None:
    """So browsers may keep each for good."""
    paths = {one_sheet("stylesheets", [text])[0] for text in ("a {}", "b {}")}
    assert len(paths) == 2


def test_a_script_is_kept_as_a_style_is() -> None:
    """Its address holds its fingerprint too."""
    path = fingerprinted("javascripts/site.js", "1;")
    assert path.startswith("javascripts/site-")
    assert path.endswith(".js")
    assert never_changes(path)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("assets/stylesheets/main.57a0d79d.min.css", True),
        ("assets/javascripts/workers/search.a7633da7.min.js", True),
        ("look/tokens.css", False),
        ("versions/2.md", False),
        ("assets/javascripts/lunr/min/lunr.de.min.js", False),
    ],
)
def test_a_name_tells_whether_its_file_stays(path: str, kept: bool) -> None:  # noqa: FBT001
    """Only what has a fingerprint in its name is kept without asking."""
    assert never_changes(path) is kept
