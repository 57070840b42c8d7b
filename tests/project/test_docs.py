"""The written pages say what the code does."""

from __future__ import annotations

import re
import shlex
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path

import click
import pytest
from markdown.extensions.toc import slugify
from mkdocs.utils.meta import get_data

from signer.cli import main
from signer.config import PREFIX, Settings, environment
from signer.declaration.verify import NAMES, Result
from signer.pki.certificates import AUTHORITY_YEARS, SEAL_YEARS
from signer.policy.versions import read_versions
from signer.site.pages import pages
from signer.site.pages.site_content import SiteContent
from signer.workflows.operations.findings import FindingKind

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES = DOCS / "guides"
OPERATORS = GUIDES / "operators"

# The draft is the school's own text, with a test of its own.
DRAFT = DOCS / "code-of-conduct.md"
PAGES = sorted(set(DOCS.rglob("*.md")) - {DRAFT})
# The tasks of those who work at the desk.
TASKS = [
    path
    for role in ("headteacher", "office")
    for path in PAGES
    if path.parent == GUIDES / role and path.name != "index.md"
]
LOOSE = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
WRITTEN = [*PAGES, *(ROOT / name for name in LOOSE)]

BANNED = re.compile(r"\b(please|sorry|invalid|oops)\b", re.IGNORECASE)
SETTING = re.compile(rf"{PREFIX}[A-Z_]*[A-Z]")
SETTING_ENTRY = re.compile(
    rf"^- \*\*`({PREFIX}\w+)`\*\*\s+\((empty|`[^`]+`)\):\s+\S", re.MULTILINE
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE_COMMAND = re.compile(r"`(?:\.venv/bin/)?(signer [^`]+)`")
HEADING = re.compile(r"^#+ .*$", re.MULTILINE)

# Read by the build of the static site, not by the service.
BUILD_VARIABLES = {"SIGNER_ORIGIN"}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_front_matter(text: str) -> str:
    return re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL)


def shell_lines(path: Path) -> list[str]:
    """The lines of a page's shell blocks, comments left out."""
    lines = []
    for language, block in FENCE.findall(text_of(path)):
        if language == "sh":
            lines += [line.split("  #")[0].strip() for line in block.splitlines()]
    return [line for line in lines if line]


@cache
def documented_commands() -> tuple[tuple[str, str], ...]:
    """Each `signer …` line, in a shell block or in a sentence, with its page."""
    found = []
    for path in WRITTEN:
        lines = shell_lines(path) + INLINE_COMMAND.findall(text_of(path))
        for line in lines:
            command = line.removeprefix(".venv/bin/")
            if command.startswith("signer "):
                found.append((short(path), command))
    return tuple(found)


def leaves(
    command: click.Command, path: tuple[str, ...] = ()
) -> dict[tuple[str, ...], click.Command]:
    """Every command that does something by itself, by its words."""
    found: dict[tuple[str, ...], click.Command] = {}
    if isinstance(command, click.Group):
        if command.invoke_without_command and path:
            found[path] = command
        for name, inner in command.commands.items():
            found |= leaves(inner, (*path, name))
    else:
        found[path] = command
    return found


def command_of(line: str) -> tuple[tuple[str, ...], click.Command, list[str]]:
    """The words that name a command, the command, and the words that follow."""
    words = shlex.split(line)[1:]
    command: click.Command = main
    named: tuple[str, ...] = ()
    while words and words[0] in {"--config", "--instance"}:
        words = words[2:]
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        named = (*named, words[0])
        command = command.commands[words.pop(0)]
    return named, command, words


@cache
def generated_pages() -> frozenset[Path]:
    """The pages that the site makes of the released versions."""
    return frozenset(
        DOCS / path for path in pages(SiteContent(read_versions(ROOT / "versions")))
    )


def default_in_words(name: str) -> str:
    default = next(one.default for one in fields(Settings) if one.name == name)
    assert default is not MISSING
    if default is None or default in ("", ()):
        return "empty"
    if isinstance(default, tuple):
        return f"`{','.join(map(str, default))}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_setting_is_in_the_operators_guide() -> None:
    """The settings reference names each field once, with its default, and no other."""
    entries = SETTING_ENTRY.findall(text_of(OPERATORS / "settings.md"))

    assert [(name, " ".join(default.split())) for name, default in entries] == [
        (PREFIX + one.name.upper(), default_in_words(one.name))
        for one in fields(Settings)
    ]


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_no_page_names_a_setting_that_does_not_exist(path: Path) -> None:
    """Whatever begins with SIGNER_ is a setting, or a variable of the build."""
    known = set(environment(Settings()))

    assert set(SETTING.findall(text_of(path))) <= known | BUILD_VARIABLES


def test_variables_of_the_build_are_read_by_the_build() -> None:
    """A variable that the site's build alone knows is one that it reads."""
    read = set(re.findall(r"!ENV \[(\w+)", text_of(ROOT / "mkdocs.yml")))

    assert read >= BUILD_VARIABLES
    for name in read:
        assert f"`{name}`" in text_of(OPERATORS / "proxies.md"), name


@pytest.mark.parametrize(
    ("where", "line"), documented_commands(), ids=lambda value: value
)
def test_documented_commands_exist(where: str, line: str) -> None:
    """A command on a page is a command of the program, its options included."""
    named, command, words = command_of(line)
    options = {
        name
        for one in command.params
        if isinstance(one, click.Option)
        for name in (*one.opts, *one.secondary_opts)
    }
    unknown = [
        word
        for word in words
        if word.startswith("--") and word.split("=")[0] not in options | {"--help"}
    ]
    takes_words = any(isinstance(one, click.Argument) for one in command.params)

    assert named, f"{where}: signer has no command {words[0]!r}"
    assert unknown == [], f"{where}: {' '.join(named)} has no such option"
    if isinstance(command, click.Group):
        commands = [word for word in words[:1] if not word.startswith("--")]
        assert not commands, f"{where}: {' '.join(named)} has no command {words[0]!r}"
        assert command.invoke_without_command, f"{where}: {line} does nothing by itself"
    elif words and not words[0].startswith("--"):
        assert takes_words, f"{where}: {' '.join(named)} takes nothing after it"


def test_every_command_is_documented() -> None:
    """A command that no page mentions is not finished."""
    documented = {command_of(line)[0] for _, line in documented_commands()}

    assert set(leaves(main)) - documented == set()


def test_every_option_is_documented() -> None:
    """A section that shows a command somewhere explains each of its options."""
    sections = [section for path in WRITTEN for section in HEADING.split(text_of(path))]
    missing = [
        f"{' '.join(path)} {one.opts[0]}"
        for path, command in leaves(main).items()
        for one in command.params
        # One sentence explains --json for them all.
        if isinstance(one, click.Option) and one.opts[0] != "--json"
        if not any(
            f"signer {' '.join(path)}" in section and one.opts[0] in section
            for section in sections
        )
    ]

    assert missing == []


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_documented_make_targets_exist(path: Path) -> None:
    """`make …` on a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = set()
    for line in shell_lines(path):
        if line.startswith("make "):
            named |= set(line.split()[1:])

    assert named <= targets


def test_the_readme_shows_how_to_run_and_test() -> None:
    """A newcomer finds the two commands that matter in the README."""
    lines = shell_lines(ROOT / "README.md")

    assert [line for line in lines if line.startswith("make ")] == [
        "make run",
        "make test",
    ]


@pytest.mark.parametrize("path", [*PAGES, ROOT / "README.md"], ids=short)
def test_every_page_names_its_reader_first(path: Path) -> None:
    """The first words under the title say for whom the page is."""
    text = without_front_matter(text_of(path)).strip()
    title, first, *_ = (block.strip() for block in text.split("\n\n"))

    assert title.startswith("# ")
    assert re.match(r"For (the |any|parents)", first), first
    # With the mark broken over two lines, readers see its braces.
    assert path not in PAGES or re.search(r"\n\{ \.\w+ \}$", first), first


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_every_page_describes_itself(path: Path) -> None:
    """Title and description, for browsers and search, stand in the front matter."""
    text, front = get_data(text_of(path))

    assert not text.startswith("---")
    assert front["title"]
    assert 40 < len(front["description"]) <= 160


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_pages_keep_to_plain_words(path: Path) -> None:
    """No page begs, apologises or calls what people do by a machine's word."""
    assert BANNED.findall(text_of(path)) == []


def test_the_privacy_notice_has_a_place_for_the_periods() -> None:
    """The site writes the years of the settings where the notice leaves room."""
    assert "\n<!-- policy:retention -->\n" in text_of(DOCS / "privacy.md")


@pytest.mark.parametrize(
    "name", ["how-signing-works.md", "accessibility.md", "privacy.md"]
)
def test_pages_for_parents_have_a_place_for_the_time_of_a_session(name: str) -> None:
    """The site writes what the settings say, and no page says it by itself."""
    text = " ".join(text_of(DOCS / name).split())
    assert "<!-- policy:session -->" in text
    assert not re.search(r"\b(a day|24 hours)\b", text)


def test_the_checks_of_a_verification_are_numbered_alike() -> None:
    """The page lists the checks by the names and in the order of the program."""
    numbered = re.findall(
        r"^(\d+)\. \*\*(\w+)\*\*:", text_of(DOCS / "checking.md"), re.MULTILINE
    )

    assert numbered == [
        (str(number), name) for number, name in enumerate(NAMES, start=1)
    ]


def test_every_result_of_a_verification_is_explained() -> None:
    """The page says of each result what it means."""
    listed = re.findall(
        r"^- \*\*([a-z ]+)\*\*:", text_of(DOCS / "checking.md"), re.MULTILINE
    )

    assert [one for one in listed if one in set(Result)] == list(Result)


def test_the_years_of_the_certificates_are_those_made() -> None:
    """The operator plans for the day on which the seal ends."""
    words = " ".join(text_of(OPERATORS / "keys.md").split())

    assert (
        f"The seal's certificate is valid for {SEAL_YEARS} years, the authority's for "
        f"{AUTHORITY_YEARS}."
    ) in words


def test_the_home_page_has_a_place_for_what_is_in_force() -> None:
    """The site writes the version in force where the home page leaves room."""
    assert "\n<!-- policy:in-force -->\n" in text_of(DOCS / "index.md")


@pytest.mark.parametrize("path", TASKS, ids=short)
def test_a_task_of_the_desk_is_steps_and_a_picture(path: Path) -> None:
    """When, the steps, what happens then, what if not; and no command."""
    text = text_of(path)
    pictures = re.findall(r"!\[([^]]+)\]\((\S+)\)", text)

    assert re.search(r"^\*\*When:\*\* \S", text, re.MULTILINE)
    assert re.search(r"^1\. \S", text, re.MULTILINE)
    assert re.search(r"^## (If|When)\b", text, re.MULTILINE)
    assert [len(words) > 40 for words, _ in pictures] == [True]
    assert (path.parent / pictures[0][1]).is_file()
    assert not re.search(r"```|`signer|SIGNER_", text)
    assert f"]({path.name})" in text_of(path.with_name("index.md"))


@cache
def screens() -> str:
    """The words of the desk's pages, with a sign where a value stands."""
    folders = ("web/templates/desk", "web/desk", "workflows/checklist")
    found = " ".join(
        " ".join(text_of(one).split())
        for folder in folders
        for one in sorted((ROOT / "signer" / folder).rglob("*.*"))
        if one.suffix in {".html", ".py"}
    )
    either = r'{{ "([^"]*)" if [^}]*? else "([^"]*)" }}'
    both = (re.sub(either, rf"\{one}", found) for one in (1, 2))
    shown = (re.sub(r"{{.*?}}", "…", one) for one in both)
    return " ".join([found, *shown]).replace("\u2019", "'")


@pytest.mark.parametrize("path", TASKS, ids=short)
def test_a_task_of_the_desk_uses_the_words_of_its_screens(path: Path) -> None:
    """What is set apart as a button or a heading stands there letter for letter."""
    text = " ".join(text_of(path).split())
    named = re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", text)

    assert named
    assert [words for words in named if words not in screens()] == []


@cache
def anchors_of(file: Path) -> frozenset[str]:
    """What the site names the headings of a page; a comment in a block is none."""
    headings = HEADING.findall(FENCE.sub("", text_of(file)))
    anchors = [slugify(heading.lstrip("# "), "-") for heading in headings]
    assert len(anchors) == len({*anchors}) or file.name == "CHANGELOG.md", file
    return frozenset(anchors)


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    """A relative link names a file that exists, and a heading that is there."""
    for address in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
        if re.match(r"/|[a-z]+:", address):
            continue
        target, _, fragment = address.partition("#")
        file = (path.parent / target).resolve() if target else path
        if not fragment and file in generated_pages():
            continue
        assert file.exists(), f"{short(path)}: {address}"
        if fragment:
            assert fragment in anchors_of(file), f"{short(path)}: {address}"


def test_every_finding_of_readiness_is_in_the_operators_guide() -> None:
    """Each kind has a row in the table, and the table has no other."""
    rows = re.findall(
        r"^\| `(\w+)` \| (?:broken|attention)",
        text_of(OPERATORS / "running.md"),
        re.MULTILINE,
    )

    assert sorted(rows) == sorted(FindingKind)
