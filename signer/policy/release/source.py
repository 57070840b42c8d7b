"""A policy's file, written: front matter that reads as it was given, then the text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from signer.errors import DraftRefused, MarkdownError, VersionFileError
from signer.markdown.front_matter import Entry, split


@dataclass(frozen=True, slots=True)
class DraftText:
    """What the file of a draft says, field by field; nothing of it is checked.

    Attributes:
        title: the policy's name.
        declaration: the statements a parent confirms, verbatim, in order.
        body: the Markdown, as `tidy_body` gives it.
        summary: what changed, in words for parents.
        review_by: the month of the next review, such as ``2027-11``.
        school: the school's name as the text bears it.
        motto: the school's motto as the text bears it.
    """

    title: str
    declaration: tuple[str, ...]
    body: str
    summary: tuple[str, ...] = ()
    review_by: str = ""
    school: str = ""
    motto: str = ""


def write_draft(draft: DraftText) -> str:
    """The whole file of a draft, as a release takes it."""
    return write_policy_file(
        {
            "title": draft.title,
            "review_by": draft.review_by,
            "school": draft.school,
            "motto": draft.motto,
            "summary": draft.summary,
            "declaration": draft.declaration,
        },
        draft.body,
    )


def split_draft(text: str, *, path: str) -> DraftText:
    """What the file of a draft says, field by field, whether or not it may be released.

    Args:
        text: the whole file, as `write_draft` gives it or as somebody has edited it.
        path: the file, for errors.

    Raises:
        DraftRefused: its front matter cannot be read.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        parts = split(path, text)
    except VersionFileError as error:
        problem = MarkdownError(
            error.line or 1, f"it {error.problem}", "write it as in the last release"
        )
        raise DraftRefused(path, (problem,)) from error
    entries = parts.entries
    return DraftText(
        title=_line(entries, "title"),
        declaration=_lines(entries, "declaration"),
        body=tidy_body(parts.body),
        summary=_lines(entries, "summary"),
        review_by=_line(entries, "review_by"),
        school=_line(entries, "school"),
        motto=_line(entries, "motto"),
    )


def tidy_body(markdown: str) -> str:
    """A text as it stands in a file: in NFC, LF at line ends, no empty line around it.

    Args:
        markdown: as somebody typed or pasted it.
    """
    lines = unicodedata.normalize("NFC", markdown).replace("\r\n", "\n")
    # No editor shows a NUL, and no database keeps one.
    lines = lines.replace("\r", "\n").replace("\0", "").strip("\n")
    return f"{lines}\n" if lines else ""


def write_policy_file(front: Mapping[str, str | tuple[str, ...]], body: str) -> str:
    """A policy's file: a version or a draft.

    Args:
        front: the front matter; what is empty is left out.
        body: the Markdown after it.
    """
    lines = ["---"]
    for key, value in front.items():
        if isinstance(value, tuple) and value:
            lines += [f"{key}:", *(f"  - {_scalar(item)}" for item in value)]
        elif isinstance(value, str) and value:
            lines.append(f"{key}: {_scalar(value)}")
    if len(lines) == 1:
        # Front matter without keys is none.
        lines.append('title: ""')
    return "\n".join((*lines, "---", "", body))


def _line(entries: Mapping[str, Entry], key: str) -> str:
    value = entries[key].value if key in entries else ""
    return value if isinstance(value, str) else " ".join(value)


def _lines(entries: Mapping[str, Entry], key: str) -> tuple[str, ...]:
    value = entries[key].value if key in entries else ()
    return (value,) if isinstance(value, str) else value


def _scalar(value: str) -> str:
    """YAML for a text: bare where that reads as the same, quoted elsewhere."""
    try:
        node = yaml.compose(f"- {value}\n", Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        node = None
    bare = isinstance(node, yaml.SequenceNode) and [
        item.value for item in node.value
    ] == [value]
    # A JSON string is a YAML string in double quotes.
    return value if bare else json.dumps(value, ensure_ascii=False)
