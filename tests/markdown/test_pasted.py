"""What a word processor pastes into the text of a policy."""

from __future__ import annotations

import pytest

from signer.markdown.pasted import in_plain_words
from signer.markdown.rules import problems

LIST = 'begin the line with "- "'
PASTED = [
    ("\u2022 One\n\u2022 Two", [1, 2], 'a bullet, "\u2022"', LIST),
    ("\uf0b7\tOne", [1], 'a bullet, "U+F0B7"', LIST),
    ("o\tOne", [1], 'a bullet, "o"', LIST),
    ("- \u2022 One", [1], 'a bullet, "\u2022"', LIST),
    ("> \u25aa One", [1], 'a bullet, "\u25aa"', LIST),
    ("- One\n\u2013 Two\n- Three", [2], "a dash for a bullet", LIST),
    ("\u2014 One\n- Two", [1], "a dash for a bullet", LIST),
    ("~~Old~~ words", [1], 'the mark "~~"', "remove the words that are struck"),
    ("a ==word==", [1], 'the mark "=="', "remove it, or write **words**"),
    ("- [ ] Done\n- [x] Done", [1, 2], "a box to tick", "write plain words"),
    ("A word[^1]", [1], "a footnote", "write it in the text"),
    ("Name: ____", [1], "a line to write on", "remove it"),
    (
        "See https://a.example/b.",
        [1],
        'the bare address "https://a.example/b"',
        "write [words](https://a.example/b)",
    ),
    (
        "See (www.a.example)",
        [1],
        'the bare address "www.a.example"',
        "write [words](https://www.a.example)",
    ),
    (
        "Mail office@a.example now",
        [1],
        'the bare address "office@a.example"',
        "write [words](mailto:office@a.example)",
    ),
    ("a\u00a0b\u00a0c", [1], "a no-break space, U+00A0", "write a plain space"),
    ("a\u2003b", [1], "a space of another width, U+2003", "write a plain space"),
    ("an e\u2011mail", [1], "a no-break hyphen, U+2011", "write -"),
    ("a\u00adb", [1], "a soft hyphen, U+00AD", "remove it"),
    ("a\u000bb", [1], "a word processor's line break, U+000B", "begin a new paragraph"),
    ("\ufb01ne", [1], '"\ufb01", which is no plain letter (U+FB01)', 'write "fi"'),
    ("will **not\n\nbe", [1], "a star without its partner", "write **words**"),
    ("a\nwill ** not ** be", [2], "a star without its partner", "write **words**"),
    ("See the footnote*", [1], "a star without its partner", "write **words**"),
    (
        "Some\nA*, B and A*",
        [2],
        "a star without its partner",
        "write **words**",
    ),
    ("- *One\n- Two", [1], "a star without its partner", "write **words**"),
    ("an _alias", [1], "an underscore without its partner", "remove it"),
    (
        "the [guide](mailto:a@b",
        [1],
        "a link that is not closed",
        "write [words](address)",
    ),
    (
        "an \u0435\u0445pulsion",
        [1],
        'letters of two alphabets that look alike, in "\u0435\u0445pulsion" (U+0435)',
        "type the word again",
    ),
    (
        "the \u0441\u043e\u0440 came",
        [1],
        'letters of two alphabets that look alike, in "\u0441\u043e\u0440" (U+0441)',
        "type the word again",
    ),
    (
        "\u0441 us",
        [1],
        'letters of two alphabets that look alike, in "\u0441" (U+0441)',
        "type the word again",
    ),
    (
        "1.1 one\n1.2 two",
        [1, 2],
        "a point numbered by hand, within a paragraph",
        "put an empty line",
    ),
    (
        "(a) one\n(b) two",
        [1, 2],
        "a point numbered by hand, within a paragraph",
        "put an empty line",
    ),
]


@pytest.mark.parametrize(("markdown", "lines", "what", "remedy"), PASTED)
def test_it_is_named_by_line_with_its_remedy(
    markdown: str, lines: list[int], what: str, remedy: str
) -> None:
    """Each sign as what it was meant for, and the line that it stands on alone."""
    found = [one for one in problems(markdown) if one.what == what]
    assert [one.line for one in found] == lines, problems(markdown)
    assert all(one.remedy.startswith(remedy) for one in found)
    others = {one.line for one in problems(markdown)} - set(lines)
    assert others == set()


@pytest.mark.parametrize(
    "markdown",
    [
        "**not** and *alias* and __so__ and _so_",
        "\\*a star\\* that is meant",
        "- one\n- two **three**\n\n    and *four*",
        "[a@b.example](mailto:a@b.example)",
        "[https://a.example](https://a.example)",
        "a \u2013 b, 2022\u20132023, \u201cso\u201d, don\u2019t \u2026",
        "(a) A point that stands alone.\n\n(b) Another.",
        "| a **b** | c |\n|---|---|\n| *d* | e |",
        "\u0414\u0430\u0440\u044c\u044f and na\u00efve Zo\u00eb",
        # Russian: "I am with him, and we have ..."
        "\u042f \u0441 \u043d\u0438\u043c, \u0430 \u0443 \u043d\u0430\u0441",
        "Grades A* to C, and one A*",
        "Grades A\\* to C and A\\*",
        "A *grade of B* and C",
        "8.30 am start\n9.00 am lessons",
        "8.30 start\n12.45 lunch",
        "8.32 to 9.14 first lesson\n9.16 to 9.58 second lesson",
    ],
)
def test_good_markdown_is_not_taken_for_pasted(markdown: str) -> None:
    """What is closed, escaped or plain passes."""
    assert problems(markdown) == []


def test_words_that_are_shown_as_they_are_have_no_marks() -> None:
    """A star in a statement would be agreed to as a star."""
    assert in_plain_words("I agree.") == []
    assert in_plain_words("I know that an A* is above an A.") == []
    for words in ("I do **not** agree", "an *alias*", "~~old~~", "[a](b)", "a\u00a0b"):
        assert len(in_plain_words(words)) == 1, words
