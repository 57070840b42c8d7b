"""The front matter of a policy file: YAML between two lines of three hyphens.

Every value is read as the text that stands there: YAML's guesses (``no`` as false,
``2022-08-31`` as a date, ``010`` as eight) have no place in a file that is hashed
and agreed to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import yaml

from signer.errors import VersionFileError

_FENCE = "---"


@dataclass(frozen=True, slots=True)
class Entry:
    """One key's value.

    Attributes:
        value: the text, or the list of texts.
        line: the line of the key in the file, counted from 1.
        item_lines: the line of each text of a list.
    """

    value: str | tuple[str, ...]
    line: int
    item_lines: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """A policy file in two.

    Attributes:
        entries: the front matter, by key.
        body: the Markdown after it, without the empty lines between.
        body_line: the line of the file on which the body begins, counted from 1.
    """

    entries: dict[str, Entry]
    body: str
    body_line: int


def split(path: str, text: str) -> Parts:
    """The front matter and the body of a policy file.

    Args:
        path: the file, for errors.
        text: the whole of it, with LF at the line ends.

    Raises:
        VersionFileError: no front matter, or one that is not flat, plain YAML.
    """
    lines = text.split("\n")
    if lines[0] != _FENCE:
        raise VersionFileError(path, "does not begin with front matter (---)", 1)
    try:
        end = lines.index(_FENCE, 1)
    except ValueError:
        raise VersionFileError(
            path, "has no end of its front matter (---)", 1
        ) from None
    entries = _entries(path, "\n".join(lines[1:end]))
    start = end + 1
    while start < len(lines) and not lines[start]:
        start += 1
    return Parts(entries, "\n".join(lines[start:]), start + 1)


def _entries(path: str, front: str) -> dict[str, Entry]:
    try:
        node = yaml.compose(front, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise VersionFileError(
            path,
            f"has front matter that is not YAML: {error.problem}",
            mark.line + 2 if mark else None,
        ) from error
    except yaml.YAMLError as error:
        raise VersionFileError(
            path, f"has front matter that is not YAML: {error}"
        ) from error
    if not isinstance(node, yaml.MappingNode):
        raise VersionFileError(path, "has front matter without keys", 2)
    entries: dict[str, Entry] = {}
    for key, value in node.value:
        # The mark counts from 0 and the fence stands on the line before.
        line = key.start_mark.line + 2
        name = _plain(path, key, line)
        if name in entries:
            raise VersionFileError(path, f"states {name} twice", line)
        if isinstance(value, yaml.SequenceNode):
            lines = tuple(item.start_mark.line + 2 for item in value.value)
            items = tuple(map(partial(_plain, path), value.value, lines))
            entries[name] = Entry(items, line, lines)
        else:
            entries[name] = Entry(_plain(path, value, line), line)
    return entries


def _plain(path: str, node: yaml.Node, line: int) -> str:
    if isinstance(node, yaml.ScalarNode) and isinstance(node.value, str):
        return node.value
    raise VersionFileError(path, "has front matter with more than plain text", line)
