"""Words that users never read, and what is said in their place."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from signer.cli import main
from signer.i18n import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "signer"

NEVER = {
    r"anew": "again",
    r"at hand": "here, or given",
    r"bears?": "has",
    r"who(so)?ever": "anyone who, or the people who",
    r"(by itself|by themselves)": "automatically",
    r"mend(s|ed|ing)?": "correct, fix or solve",
    r"(stands|stood)": "is",
    r"works? on(?=[,.;:])": "still works",
    r"go(es)? on [a-z]+ing": "keeps, or still",
    r"hears? of": "is told about, or gets an email about",
    r"(comes?|came) of": "what happened to, or the result",
    r"(for good(?! )|for good (only|where|when|if))": "permanently",
    # A number of one before a plural.
    r"1 (declarations|entries|parents|emails|mails|days|minutes|files|versions)": (
        "the singular: signer.i18n.counted, or ngettext"
    ),
}
"""What each is written in place of, as a pattern, and the words to use."""

_PATTERNS = {
    re.compile(rf"(?<![\w-]){pattern}(?![\w-])", re.IGNORECASE): remedy
    for pattern, remedy in NEVER.items()
}

# What a reader does not see: comments of templates, names of tests, code.
_UNREAD = re.compile(r"{#.*?#}|`[^`]*`|^```.*?^```", re.DOTALL | re.MULTILINE)
_LATER = re.compile(r"^## \[\d.*\Z", re.DOTALL | re.MULTILINE)


def help_of(command: click.Command) -> Iterator[str]:
    """What a command and all below it say of themselves."""
    yield command.help or ""
    yield from (
        option.help or ""
        for option in command.params
        if isinstance(option, click.Option)
    )
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from help_of(inner)


def texts() -> Iterator[tuple[str, str]]:
    """All that users read and that is not made of data, with where it comes from."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    # The draft is the school's own text.
    pages.remove(ROOT / "docs" / "code-of-conduct.md")
    pages += [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md"]
    for folder in ("mail", "web"):
        templates = (PACKAGE / folder / "templates").rglob("*")
        pages += sorted(path for path in templates if path.is_file())
    for path in pages:
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    yield "CHANGELOG.md", _LATER.sub("", changes)
    messages = [one.id for one in sentences() if one.id]
    yield (
        "messages.pot",
        "\n".join(one if isinstance(one, str) else "\n".join(one) for one in messages),
    )
    yield "--help", "\n".join(help_of(main))
    # What each forgery is called goes into the guide about the judges.
    forgeries = (ROOT / "tests" / "corpus" / "kinds").glob("*.py")
    for path in sorted([*PACKAGE.rglob("*.py"), *forgeries]):
        shown = sentences_in(path.read_text(encoding="utf-8"))
        yield str(path.relative_to(ROOT)), "\n".join(shown)


def sentences_in(module: str) -> list[str]:
    """The words that the code of a module may show: its strings, but for docstrings."""
    tree = ast.parse(module)
    docstrings = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    return [
        one.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and id(one) not in docstrings
        and " " in one.value.strip()
    ]


def unwanted(text: str) -> list[str]:
    """The words that should not be read, each with what to write."""
    read = " ".join(_UNREAD.sub(" ", text).split())
    return [
        f"“{match.group()}”: write {remedy}"
        for pattern, remedy in _PATTERNS.items()
        for match in pattern.finditer(read)
    ]


def test_words_that_nobody_says_are_not_read() -> None:
    """On no page, in no mail, in no help of a command and in no message of the code."""
    found = {name: words for name, text in texts() if (words := unwanted(text))}

    assert found == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Parents are reminded by themselves, and asked anew.", 2),
        ("Whoever has it can mend what stands there.", 3),
        ("The old link works on, and works on a phone.", 1),
        ("1 declarations, 21 declarations", 1),
        ("Run `whoever`. {# anew #} It understands.", 0),
    ],
)
def test_the_words_are_found(text: str, count: int) -> None:
    """As words of their own, and where readers see them alone."""
    assert len(unwanted(text)) == count
