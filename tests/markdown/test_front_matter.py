"""Front matter: flat, plain, and every value as it stands."""

from __future__ import annotations

import pytest

from signer.errors import VersionFileError
from signer.markdown.front_matter import Entry, split


def test_front_matter_and_body_come_apart() -> None:
    """Keys and body know their lines."""
    parts = split("x", "---\na: one\nb:\n  - two\n  - three\n---\n\nBody.\n")
    assert parts.entries == {"a": Entry("one", 2), "b": Entry(("two", "three"), 3)}
    assert parts.body == "Body.\n"
    assert parts.body_line == 8


@pytest.mark.parametrize("value", ["no", "010", "1e3", "2022-08-31", "null", "~", ""])
def test_a_value_is_the_text_that_stands_there(value: str) -> None:
    """YAML's guesses at types are not made."""
    assert split("x", f"---\na: {value}\n---\nB\n").entries["a"].value == value


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "does not begin"),
        ("Body\n", 1, "does not begin"),
        ("\n---\na: b\n---\n", 1, "does not begin"),
        ("---\na: b\n", 1, "no end"),
        ("---\n---\nB\n", 2, "without keys"),
        ("---\n- a\n---\nB\n", 2, "without keys"),
        ("---\na: b\nc: [\n---\nB\n", 3, "not YAML"),
        ("---\na: *b\n---\nB\n", 2, "not YAML"),
        ("---\na: \x01\n---\nB\n", None, "not YAML"),
        ("---\na: 1\na: 2\n---\nB\n", 3, "states a twice"),
        ("---\na: {b: c}\n---\nB\n", 2, "more than plain text"),
        ("---\na:\n  - [b]\n---\nB\n", 3, "more than plain text"),
        ("---\n? [a]\n: b\n---\nB\n", 2, "more than plain text"),
    ],
)
def test_anything_more_is_refused_with_its_line(
    text: str, line: int | None, problem: str
) -> None:
    """An error names the file, the line and what is wrong."""
    with pytest.raises(VersionFileError, match=problem) as refused:
        split("2.md", text)
    assert (refused.value.path, refused.value.line) == ("2.md", line)
