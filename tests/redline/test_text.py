"""The redline as plain text, and in one clause."""

from __future__ import annotations

import pytest

from signer.markdown.rendering import to_html
from signer.redline.model import redline
from signer.redline.text import redline_summary, redline_text

OLD = """## Photos

Parents must not post photos of other pupils without consent.

Ask the school first, always.

## Messages

We reply within 2 working days.

- No abuse of any kind
- No chain letters
"""
NEW = """## Photos

Parents must **not** post photos of other pupils without written consent.

Ask the school first, always.

## Messages

We reply within 2 working days.

- No abuse of any kind
- No messages at night
"""


def text(old: str, new: str, context: int = 0) -> str:
    return redline_text(redline(to_html(old), to_html(new)), context=context)


def summary(old: str, new: str) -> str:
    return redline_summary(redline(to_html(old), to_html(new)))


def test_a_mail_shows_what_changed_under_its_heading() -> None:
    """Each change is told in words, with its heading and the words before a list."""
    assert text(OLD, NEW) == (
        """Photos
------

Changed: Parents must not [now bold] post photos of other pupils without [added: written] consent.

Messages
--------

We reply within 2 working days.

Removed: No chain letters

Added: No messages at night"""  # noqa: E501 - a mail is wrapped where it is composed
    )


def test_context_shows_the_neighbours() -> None:
    """With context, what stands around a change is shown, and gaps are marked."""
    shown = text(OLD, NEW, context=1)
    assert "Ask the school first, always." in shown
    assert "No abuse of any kind" in shown


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("One.", "One.", "Nothing changed"),
        (
            "One two three.",
            "One two four.",
            "1 paragraph changed, none added, none removed",
        ),
        (
            "A b c.\n\nD e f.",
            "A b x.\n\nD e y.\n\nMore.",
            "2 paragraphs changed, 1 added, none removed",
        ),
        ("One.\n\n## Two", "One.", "No parts changed, none added, 1 removed"),
        (
            "- One\n- Two",
            "- One\n- Two\n- Three",
            "No parts changed, 1 added, none removed",
        ),
        (
            "One two three.\n\nFour.\n\nFive six seven eight nine.",
            "Four.\n\nFive six seven eight nine.\n\nOne two three.",
            "No paragraphs changed, none added, none removed, 1 moved",
        ),
    ],
)
def test_a_summary_counts(old: str, new: str, said: str) -> None:
    """How much changed is told in one clause."""
    assert summary(old, new) == said


def test_words_that_only_got_another_link_are_told_with_both_addresses() -> None:
    """A mail names the addresses, since it has no links in its words."""
    old, new = "See [it](https://a.example/).", "See [it](https://b.example/)."
    assert text(old, new) == (
        "Changed: See it [link changed, from https://a.example/ to https://b.example/]."
    )


def test_cells_of_a_row_are_parted() -> None:
    """A row reads as its cells with a line between them."""
    head = "| Law | Year |\n|---|---|\n"
    assert text(head + "| Act | 2018 |", head + "| Act | 2019 |") == (
        "Law | Year\n\nChanged: Act | [removed: 2018][added: 2019]"
    )


def test_a_split_shows_each_part() -> None:
    """Both parts of a paragraph that was split are told of."""
    assert text(
        "A first long sentence. A second long sentence.",
        "A first long sentence.\n\nA second long sentence.",
    ) == (
        "Changed (split into 2 parts): A first long sentence.\n\n"
        "Changed (split off from the part before): A second long sentence."
    )
    assert "[joined with the part before]" in text(
        "A first long sentence.\n\nA second long sentence.",
        "A first long sentence. A second long sentence.",
    )


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (
            "Read [our guide](https://school.example/) first.",
            "Changed: Read [added: our guide (link to https://school.example/)] first.",
        ),
        (
            "Read first.\n\nSee [here](https://school.example/x).",
            "Added: See here (link to https://school.example/x).",
        ),
        (
            "Read first. Write to [a@b.example](mailto:a@b.example).",
            "Changed: Read first. [added: Write to a@b.example.]",
        ),
    ],
)
def test_a_new_link_tells_where_it_leads(new: str, told: str) -> None:
    """Who reads plain text sees the address, unless the words say it already."""
    assert text("Read first.", new) == told
