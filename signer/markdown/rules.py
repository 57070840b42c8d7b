"""The little Markdown that a policy may use, and a reason for all the rest.

Headings, paragraphs, nested lists, emphasis, links, block quotes and tables mean the
same on the site, in a mail, in the PDF and in the redline. Anything else would look
different somewhere, hide words, or lose them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import html as lxml_html

from signer.errors import MarkdownError
from signer.markdown.blocks import plain_text
from signer.markdown.pasted import (
    Found,
    bullet,
    in_characters,
    left_over,
    marks,
    with_plain_bullets,
)
from signer.markdown.rendering import to_html

INDENT = 4
"""Spaces that one level of a nested list is indented by."""

# What is refused, by what stands in a line: pattern, name, remedy. Order matters only
# in that the first that fits is reported.
_REFUSED = tuple(
    (re.compile(pattern), what, remedy)
    for pattern, what, remedy in (
        (r"\t", "a tab", "write spaces"),
        (r" +$", "spaces at the end of the line", "remove them"),
        (r"`|^\s*~~~", "code", "write it as plain words"),
        (r"!\[", "an image", "say it in words"),
        (r"<[A-Za-z/!?]", "raw HTML", "write it in Markdown"),
        (
            r"&(#?\w+);",
            "an HTML entity",
            "write the character itself",
        ),
        (r"[{}]", "a curly bracket", "write round brackets"),
        (r"^\s*!!!", "a box", "write a paragraph or a block quote"),
        (r"^\s*\[[^\]]*\]:", "a link kept elsewhere", "write [words](address)"),
        (r"\]\[", "a link kept elsewhere", "write [words](address)"),
        (r"\]\(\s*[^\s)]+\s+[^\s)]", "a link with a title", "write [words](address)"),
        (r"^\s*#(?!#)", "a heading of the first level", "begin it with ##"),
        (r"^\s*#{2,}[^\s#]", "a heading without a space", "write ## and a space"),
        (r"^\s*#{7,}", "a heading of more than six levels", "use fewer levels"),
        (
            r"^\s*(=+|-+|(\*\s*){3,}|(_\s*){3,}|(-\s*){3,})$",
            "a line drawn across, or a heading marked by underlining",
            "begin a heading with ##",
        ),
        (r"^\s*\d+\)\s", "a number with a bracket", "write it with a full stop: 1."),
        (r"\\$", "a broken line", "write one paragraph, or two"),
    )
)
_LIST_ITEM = re.compile(r"^( *)([-*+]|\d+\.) +")
_ALLOWED_TAGS = frozenset(
    {"h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote"}
    | {"strong", "em", "a", "table", "thead", "tbody", "tr", "th", "td"}
)
_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"\]\([^)]*\)")
_QUOTE = re.compile(r"^(> ?)+")


def problems(markdown: str, *, first_line: int = 1) -> list[MarkdownError]:
    """Everything that a policy may not hold, in the order of the lines.

    Args:
        markdown: the text of a policy, without front matter.
        first_line: the line of the file on which it begins, for the errors.
    """
    lines = markdown.split("\n")
    found = [
        *_in_characters(lines),
        *_in_lines(lines),
        *marks(lines),
        *left_over(lines),
        *_in_lists(lines),
    ]
    # The tree is judged only where the lines gave no reason: it knows no lines, and
    # characters that are refused may mislead its parser.
    if not found:
        found = list(_in_tree(markdown, lines))
    if not found:
        found = list(_in_words(markdown, lines))
    return [
        MarkdownError(line + first_line - 1, what, remedy)
        for line, what, remedy in sorted(found, key=lambda one: one[0])
    ]


def _in_characters(lines: list[str]) -> Iterator[Found]:
    for number, line in enumerate(lines, 1):
        for what, remedy in in_characters(with_plain_bullets(line)):
            yield number, what, remedy


def _in_lines(lines: list[str]) -> Iterator[Found]:
    for number, line in enumerate(lines, 1):
        if pasted := bullet(line):
            yield number, *pasted
            continue
        for pattern, what, remedy in _REFUSED:
            if pattern.search(line):
                yield number, what, remedy
                break


def _in_lists(lines: list[str]) -> Iterator[Found]:
    """Lists that Python-Markdown would quietly read as something else."""
    before = ""
    open_items: dict[int, int] = {}  # indent: the item's number, 0 for a bullet
    for number, quoted in enumerate(lines, 1):
        line = _QUOTE.sub("", with_plain_bullets(quoted))
        indent = len(line) - len(line.lstrip(" "))
        item = _LIST_ITEM.match(line)
        if item and before and not open_items:
            yield number, "a list without an empty line before it", "add one"
        elif indent and not open_items:
            yield number, "an indented line outside a list", "begin it at the margin"
        elif item and indent % INDENT:
            yield (
                number,
                "a nested list with a wrong indent",
                f"indent each level by {INDENT} spaces",
            )
        if item:
            count = 0 if item[2] in "-*+" else int(item[2][:-1])
            last = open_items.get(indent)
            if last is not None and bool(last) is not bool(count) and before:
                yield number, "a list of another kind", "add an empty line before it"
            if last and count and count != last + 1:
                yield (
                    number,
                    f"number {count} after {last}",
                    f"write {last + 1}: that is what would be shown",
                )
            open_items = {at: of for at, of in open_items.items() if at < indent}
            open_items[indent] = count
        elif line and not indent and not before:
            open_items = {}
        before = line


def _in_tree(markdown: str, lines: list[str]) -> Iterator[Found]:
    for element in lxml_html.fragment_fromstring(
        to_html(markdown), create_parent="div"
    ).iterdescendants():
        tag = str(element.tag)
        if tag not in _ALLOWED_TAGS:
            words = element.text_content().split()
            line = _line_of(words[0], lines) if words else 1
            yield line, f"what is shown as <{tag}>", "write it as plain paragraphs"
            return
        if tag == "a" and not _is_whole(address := element.get("href", "")):
            yield (
                _line_of(f"]({address}", lines),
                f"a link to {address!r}",
                "write the whole address, beginning with https:// or mailto:",
            )


def _in_words(markdown: str, lines: list[str]) -> Iterator[Found]:
    """The safety net: a rendering that loses, adds or moves a word."""
    shown = iter(_WORD.findall(plain_text(to_html(markdown))))
    for number, quoted in enumerate(lines, 1):
        line = _ADDRESS.sub("]", _LIST_ITEM.sub("", _QUOTE.sub("", quoted)))
        for word in _WORD.findall(line):
            if next(shown, None) != word:
                yield number, f"{word!r} would not be shown here", "write it simpler"
                return
    if next(shown, None) is not None:
        yield len(lines), "more would be shown than is written", "write it simpler"


def _is_whole(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return (parts.scheme == "https" and bool(parts.netloc)) or (
        parts.scheme == "mailto" and "@" in parts.path
    )


def _line_of(words: str, lines: list[str]) -> int:
    return next((number for number, line in enumerate(lines, 1) if words in line), 1)
