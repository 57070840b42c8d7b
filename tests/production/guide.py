"""The operator's guide: its blocks, and the few commands that no test can type."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

GUIDES = REPOSITORY / "docs" / "guides" / "operators"
GUIDE = GUIDES / "installing.md"

MARKED = re.compile(
    r"^<!-- first signature(?:: (?P<kind>[^>]+?))? -->\n```(?:sh|ini)\n"
    r"(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

NOT_TYPED = {
    "useradd": "it makes a user of this machine; nobody's id stands in",
    "runuser": "it needs that user; each command is run under the id that stands in",
    "python3 -m venv": "an environment with the present packages stands in",
    ".venv/bin/pip": "it takes a package registry; the present packages stand in",
    "systemctl": "it needs systemd as the first process; what the units say is started",
    "signer serve": "it never ends; it is started from its unit",
    "signer worker": "it never ends; it is started from its unit",
}
"""What begins a command that is left out, and why; the guide names each of them."""


def blocks_of(page: Path) -> list[tuple[str | None, str]]:
    """The marked blocks of a page: of what kind each is, and its text."""
    return [(m["kind"], m["text"]) for m in MARKED.finditer(page.read_text("utf-8"))]


def to_type(text: str) -> str:
    """What is typed of a block; a warning names each line that is not."""
    typed = []
    for line in text.splitlines(keepends=True):
        if name := left_out(line):
            words = f"NOT RUN, {NOT_TYPED[name]}: {line.strip()}"
            warnings.warn(words, stacklevel=2)
        else:
            typed.append(line)
    return "".join(typed)


def left_out(line: str) -> str | None:
    """The name under which a line is not typed; None where it is."""
    return next((name for name in NOT_TYPED if line.startswith(name + " ")), None) or (
        line.strip() if line.strip() in NOT_TYPED else None
    )
