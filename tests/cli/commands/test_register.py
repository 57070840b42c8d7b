"""signer register, as the office types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from tests.cli.invoking import signer
from tests.conftest import PEOPLE

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

COMMAND = "signer.cli.commands.register.command"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Amira's son moved up, Wang is gone, Ann is new."""
    lines = PEOPLE.replace("Year 8", "Year 9").splitlines()[:-1]
    path = tmp_path / "parents.csv"
    path.write_text("\n".join([*lines, "Ann Lee,ann@example.org,mother,Bo Lee,Year 1"]))
    return path


def names(app_context: AppContext) -> list[str]:
    return [one.name for one in list_register(app_context)]


def test_an_import_says_what_it_did(app_context: AppContext, file: Path) -> None:
    """Added, changed, unchanged, and who is not in the file but stays."""
    done = signer(app_context.settings, "register", "import", str(file))
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "New: Ann Lee <ann@example.org>",
        "Changed: Amira Khan <amira@example.org>",
        "Not in the file: 王小明 <wang@example.org>",
        "1 added, 0 corrected, 1 changed, 2 unchanged, 1 not in the file.",
        "They stay in the register until you import with --leavers.",
        "5 parents are waiting to be asked to sign. Ask with `signer ask`.",
    ]
    assert len(names(app_context)) == 5


def test_a_dry_run_says_what_would_be_done(app_context: AppContext, file: Path) -> None:
    """The same counts, and the register as it was."""
    before = names(app_context)
    done = signer(app_context.settings, "register", "import", str(file), "--dry-run")
    assert done.exit_code == 0
    assert (
        "1 would be added, 0 would be corrected, 1 would be changed, 2 unchanged, "
        "1 not in the file." in done.stdout
    )
    assert names(app_context) == before


def test_leavers_leave_when_that_is_asked(app_context: AppContext, file: Path) -> None:
    """Who is not in the file has left; the answer says that what was signed stays."""
    done = signer(
        app_context.settings,
        *("register", "import", str(file), "--leavers", "--leaving", "1"),
    )
    assert done.exit_code == 0
    assert "Those not in the file have left; what they signed is kept." in done.stdout
    assert "王小明" not in names(app_context)
    again = signer(
        app_context.settings,
        *("register", "import", str(file), "--leavers", "--leaving", "1"),
    )
    assert again.exit_code == 0, again.output


def test_nobody_leaves_in_a_dry_run(app_context: AppContext, file: Path) -> None:
    """--dry-run wins over --leavers, and does not say that they left."""
    done = signer(
        app_context.settings, "register", "import", str(file), "--leavers", "--dry-run"
    )
    assert done.exit_code == 0
    assert done.stdout.endswith("They would leave; what they signed would be kept.\n")
    assert "王小明" in names(app_context)


def test_an_import_is_one_document_for_programs(
    app_context: AppContext, file: Path
) -> None:
    """--json names everybody; nothing else stands on standard output."""
    done = signer(app_context.settings, "register", "import", str(file), "--json")
    assert json.loads(done.stdout) == {
        "added": [{"name": "Ann Lee", "email": "ann@example.org"}],
        "changed": [{"name": "Amira Khan", "email": "amira@example.org"}],
        "missing": [{"name": "王小明", "email": "wang@example.org"}],
        "returned": [],
        "corrected": [],
        "address_missing": [],
        "children_missing": [],
        "questions": [],
        "on_hold": [],
        "twice": [],
        "unchanged": 2,
        "left": False,
        "dry_run": False,
        "waiting": 5,
    }


def test_problems_are_listed_and_nothing_is_imported(
    app_context: AppContext, tmp_path: Path
) -> None:
    """Each with its line, its column and what to do; exit code 1."""
    path = tmp_path / "parents.csv"
    path.write_text(
        PEOPLE
        + "Ann Lee,ann@example,mother,Bo Lee,Year 1\n"
        + "Sam Day,sam@example.org,father,,Year 2\n"
        + "=1+1,sum@example.org,father,Kim Day,Year 2\n"
    )
    before = names(app_context)
    done = signer(app_context.settings, "register", "import", str(path))
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "Nothing was imported. Correct these and import again:" in done.stderr
    for place in ("Line 7, parent_email: ", "Line 8, child_name: ", "Line 9, "):
        assert place in done.stderr
    assert names(app_context) == before


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"nothing\n", b"\x89PNG\r\n"])
def test_what_is_no_register_is_told_so(
    app_context: AppContext, tmp_path: Path, raw: bytes
) -> None:
    """An empty file, another encoding, other columns, a picture."""
    path = tmp_path / "parents.csv"
    path.write_bytes(raw)
    done = signer(app_context.settings, "register", "import", str(path))
    assert done.exit_code == 1
    assert "Line 1" in done.stderr


def test_doubts_are_told_and_hold_up_nothing(
    app_context: AppContext, tmp_path: Path
) -> None:
    """Two spellings at one address: worth a look, on standard error."""
    path = tmp_path / "parents.csv"
    path.write_text(PEOPLE + "Amira Kahn,amira@example.org,mother,Bo Khan,Year 1\n")
    done = signer(app_context.settings, "register", "import", str(path), "--json")
    assert done.exit_code == 0
    assert "Worth a look: Line 7" in done.stderr
    assert len(json.loads(done.stdout)["added"]) == 1


@pytest.mark.parametrize("arguments", [["none.csv"], [], ["."]])
def test_a_missing_file_is_wrong_usage(
    app_context: AppContext, arguments: list[str]
) -> None:
    """Exit code 2, before anything is opened."""
    done = signer(app_context.settings, "register", "import", *arguments)
    assert done.exit_code == 2


def test_the_list_shows_everybody_and_where_they_stand(app_context: AppContext) -> None:
    """Names, addresses, children; asked or not; nothing cut off."""
    done = signer(app_context.settings, "register", "list", COLUMNS="200")
    assert done.exit_code == 0
    rows = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    assert "Leila Khan (Year 5), Yusuf Khan (Year 8)" in rows["Amira Khan"]
    assert rows["Amira Khan"].rstrip().endswith("not asked")
    assert "王美 (Year 7)" in rows["王小明"]
    ask_parents(app_context)
    done = signer(app_context.settings, "register", "list", COLUMNS="200")
    assert done.stdout.count("outstanding") == 4


def test_the_list_is_one_document_for_programs(app_context: AppContext) -> None:
    """--json, with the relationship to each child."""
    found = json.loads(
        signer(app_context.settings, "register", "list", "--json").stdout
    )
    assert [one["name"] for one in found] == [
        *("Amira Khan", "Niamh O'Brien", "Tom O'Brien", "王小明")
    ]
    assert found[2] == {
        "name": "Tom O'Brien",
        "email": "family@example.org",
        "children": [
            {
                "name": "Maeve O'Brien",
                "year_group": "Year 10",
                "tutor_group": "",
                "relationship": "father",
            }
        ],
        "state": "not asked",
        "asked_at": None,
        "sign_by": None,
        "opened_at": None,
        "reminders": 0,
        "reminded_at": None,
        "signed_how": None,
        "signed_at": None,
        "dated": None,
        "delivery": None,
    }


def test_a_name_that_looks_like_markup_prints_as_it_is(app_context: AppContext) -> None:
    """Cells are text: brackets colour nothing and hide nothing."""
    from signer.register.rows import read_register

    row = "[red]Ann[/red] [Lee],ann@example.org,mother,[bold]Bo,Year 1\n"
    import_register(app_context, read_register((PEOPLE + row).encode()))
    done = signer(app_context.settings, "register", "list", COLUMNS="200")
    assert "[red]Ann[/red] [Lee]" in done.stdout
    assert "[bold]Bo (Year 1)" in done.stdout


@pytest.fixture
def married(tmp_path: Path) -> Path:
    """Amira has another surname at the same address, with the same children."""
    path = tmp_path / "parents.csv"
    path.write_text(PEOPLE.replace("Amira Khan", "Amira Bell"))
    return path


def test_a_question_shows_both_sides_and_how_to_answer(
    app_context: AppContext, married: Path
) -> None:
    """Nothing is imported without an answer; with one, the person stays the same."""
    command = ("register", "import", str(married))
    refused = signer(app_context.settings, *command)
    assert refused.exit_code == 1
    assert "1 question is open about who is who" in refused.stderr
    assert "In the register: Amira Khan <amira@example.org>, " in refused.stderr
    assert "In the file:     Amira Bell <amira@example.org>, " in refused.stderr
    planned = signer(app_context.settings, *command, "--dry-run", "--json")
    [question] = json.loads(planned.stdout)["questions"]
    assert f"Is this one person? {question['code']}" in refused.stderr
    done = signer(app_context.settings, *command, "--same", question["code"])
    assert done.exit_code == 0
    assert (
        "Corrected: Amira Bell <amira@example.org>, before Amira Khan: as you said"
        in done.stdout
    )
    assert "Amira Khan" not in names(app_context)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("y\n", {"Amira Bell"}), ("n\n", {"Amira Bell", "Amira Khan"})],
)
def test_a_question_is_asked_at_a_terminal(
    app_context: AppContext,
    married: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    expected: set[str],
) -> None:
    """Yes keeps the person; no makes a second one, and the first one stays."""
    monkeypatch.setattr(f"{COMMAND}.is_at_terminal", lambda: True)
    done = signer(
        app_context.settings, "register", "import", str(married), answer=answer
    )
    assert done.exit_code == 0, done.output
    assert {name for name in names(app_context) if "Amira" in name} == expected


def large(*, without: int) -> str:
    """Twenty families, but for some of them."""
    rows = (
        f"Parent {letter},{letter}@x.example,carer,Child {letter},Year 1\n"
        for letter in "abcdefghijklmnopqrst"[without:]
    )
    return PEOPLE + "".join(rows)


@pytest.mark.parametrize(
    ("without", "terminal", "options", "answer", "leaves"),
    [
        # Few: they are named, and one more question is asked.
        (1, True, [], "y\n", True),
        (1, True, [], "n\n", False),
        (1, False, ["--yes"], None, True),
        # Many: only their number lets them go.
        (10, False, ["--yes"], None, False),
        (10, True, ["--yes"], "10\n", True),
        (10, True, [], "9\n", False),
        (10, False, ["--leaving", "10"], None, True),
        (10, False, ["--leaving", "9"], None, False),
    ],
)
def test_leavers_leave_when_they_were_counted(  # noqa: PLR0917 - a row of the table
    app_context: AppContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    without: int,
    terminal: bool,  # noqa: FBT001 - a column of the table
    options: list[str],
    answer: str | None,
    leaves: bool,  # noqa: FBT001 - as above
) -> None:
    """More than a tenth, and a yes is not enough; nothing is imported without."""
    monkeypatch.setattr("signer.cli.leavers.is_at_terminal", lambda: terminal)
    path = tmp_path / "parents.csv"
    path.write_text(large(without=0))
    signer(app_context.settings, "register", "import", str(path))
    path.write_text(large(without=without))
    done = signer(
        app_context.settings,
        *("register", "import", str(path), "--leavers", *options),
        answer=answer,
    )
    assert (done.exit_code == 0) is leaves, done.output
    # Before a question, and in what was done.
    times = 2 if terminal and leaves else 1
    assert done.output.count("Not in the file: Parent a <a@x.example>") == times
    assert ("Parent a" not in names(app_context)) is leaves


def test_a_part_of_a_list_lists_the_children_that_it_leaves_out(
    app_context: AppContext, tmp_path: Path
) -> None:
    """They stay; nothing is said to have changed."""
    path = tmp_path / "year-8.csv"
    path.write_text("".join(PEOPLE.splitlines(keepends=True)[:2]))
    done = signer(app_context.settings, "register", "import", str(path))
    assert "Not in the file: Leila Khan, child of Amira Khan" in done.stdout
    assert "0 changed, 1 unchanged, 4 not in the file." in done.stdout
    listed = signer(app_context.settings, "register", "list", COLUMNS="200")
    assert "Leila Khan (Year 5), Yusuf Khan (Year 8)" in listed.stdout
