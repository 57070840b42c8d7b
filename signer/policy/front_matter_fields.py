"""The values of a policy's front matter, each checked as it is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple, NoReturn

from signer.errors import TextRefused, VersionFileError
from signer.markdown.front_matter import Entry
from signer.policy.dates import is_day
from signer.user_text import one_line

LINE_CHARACTERS = 500
"""The longest value, in characters."""

REQUIRED = frozenset(
    {"version", "title", "label", "released", "review_by", "summary", "declaration"}
)
"""What every version states."""

OPTIONAL = frozenset(
    {
        "previous_sha256",
        "school",
        "motto",
        "in_force_from",
        "sign_by",
        "draft_sha256",
        "approved_by",
    }
)
"""What a version may state."""

_LISTS = frozenset({"summary", "declaration", "approved_by"})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


class Approval(NamedTuple):
    """That a person approved a draft.

    Attributes:
        by: their name.
        on: the day, ``2026-11-22``.
    """

    by: str
    on: str

    def __str__(self) -> str:
        return f"{self.by}, {self.on}"


class Fields:
    """The entries of one file.

    Args:
        path: the file, for errors.
        entries: its front matter, by key.
        required: the keys that must be there.

    Raises:
        VersionFileError: a key is missing or unknown, or its value is of the wrong
            kind. The methods raise it for a value that is not as it must be.
    """

    def __init__(
        self,
        path: str,
        entries: Mapping[str, Entry],
        *,
        required: AbstractSet[str] = REQUIRED,
    ) -> None:
        self._path = path
        self._entries = entries
        for key, entry in entries.items():
            if key not in REQUIRED | OPTIONAL:
                self.refuse(key, f"states {key}, which no version has")
            if isinstance(entry.value, tuple) is not (key in _LISTS):
                kind = "a list" if key in _LISTS else "one text"
                self.refuse(key, f"needs {kind} as its {key}")
        missing = sorted(required - entries.keys())
        if missing:
            raise VersionFileError(path, f"does not state {', '.join(missing)}", 1)

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Refuse the file for one of its values, with the line of that."""
        raise VersionFileError(self._path, problem, self._entries[key].line)

    def line(self, key: str) -> str:
        """A value of one line; empty where it is not stated."""
        if key not in self._entries:
            return ""
        value = self._entries[key].value
        return self._checked(key, value if isinstance(value, str) else "")

    def lines(self, key: str) -> tuple[str, ...]:
        """A list of such values, with one or more in it."""
        value = self._entries[key].value
        items = () if isinstance(value, str) else value
        if not items:
            self.refuse(key, f"has an empty {key}")
        return tuple(self._checked(key, item) for item in items)

    def number(self) -> int:
        """The version's number."""
        text = self.line("version")
        if not _NUMBER.fullmatch(text):
            self.refuse("version", "needs a whole number as its version, such as 2")
        return int(text)

    def sha256(self, key: str) -> str | None:
        """A SHA-256 (hex), such as that of the version before; None where not stated.

        Args:
            key: which one.
        """
        text = self.line(key)
        if text and not _SHA256.fullmatch(text):
            self.refuse(key, "needs 64 hexadecimal digits (a to f small)")
        return text or None

    def approvals(self) -> tuple[Approval, ...]:
        """Who approved the draft, and when; empty where nobody is stated."""
        if "approved_by" not in self._entries:
            return ()
        approvals = []
        for line in self.lines("approved_by"):
            by, comma, day = line.rpartition(", ")
            if not (by and comma and is_day(day)):
                self.refuse(
                    "approved_by",
                    "needs a name and a day in each line of approved_by, such as "
                    "Jo Field, 2026-11-22",
                )
            approvals.append(Approval(by, day))
        return tuple(approvals)

    def _checked(self, key: str, value: str) -> str:
        try:
            plain = one_line(key, value, limit=LINE_CHARACTERS)
        except TextRefused as error:
            self.refuse(key, f"has a {key} that cannot be kept: {error}")
        if plain != value:
            self.refuse(key, f"has more than single spaces in its {key}")
        return value
