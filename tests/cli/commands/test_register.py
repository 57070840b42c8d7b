"""signer register and signer record-paper, as the office types them."""

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
        "Not in the file: 王小明 <wang@example.org>",
        "1 added, 1 changed, 2 unchanged, 1 not in the file.",
        "They stay in the register until you import with --leavers.",
    ]
    assert len(names(app_context)) == 5


def test_a_dry_run_says_what_would_be_done(app_context: AppContext, file: Path) -> None:
    """The same counts, and the register as it was."""
    before = names(app_context)
    done = signer(app_context.settings, "register", "import", str(file), "--dry-run")
    assert done.exit_code == 0
    assert (
        "1 would be added, 1 would be changed, 2 unchanged, 1 not in the file."
        in done.stdout
    )
    assert names(app_context) == before


def test_leavers_leave_when_that_is_asked(app_context: AppContext, file: Path) -> None:
    """Who is not in the file has left; the answer says that what was signed stays."""
    done = signer(
        app_context.settings, "register", "import", str(file), "--leavers", "--yes"
    )
    assert done.exit_code == 0
    assert "Those not in the file have left; what they signed is kept." in done.stdout
    assert "王小明" not in names(app_context)


@pytest.mark.parametrize(("answer", "leaves"), [("y\n", True), ("n\n", False)])
def test_nobody_leaves_without_a_second_question(
    app_context: AppContext, file: Path, answer: str, *, leaves: bool
) -> None:
    """It names who would leave; "no" imports nothing at all."""
    done = signer(
        app_context.settings,
        "register",
        "import",
        str(file),
        "--leavers",
        answer=answer,
    )
    assert "1 parent is not in the file. Have they left the school?" in done.stderr
    assert "王小明 <wang@example.org>" in done.stderr
    assert (done.exit_code == 0) is leaves
    assert ("王小明" not in names(app_context)) is leaves
    assert ("Ann Lee" in names(app_context)) is leaves


def test_nobody_leaves_in_a_dry_run(app_context: AppContext, file: Path) -> None:
    """--dry-run wins over --leavers, and does not say that they left."""
    done = signer(
        app_context.settings, "register", "import", str(file), "--leavers", "--dry-run"
    )
    assert done.exit_code == 0
    assert "have left" not in done.stdout
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
        "unchanged": 2,
        "left": False,
        "dry_run": False,
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
    assert "Nothing was imported. Mend these and import again:" in done.stderr
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
    assert done.stdout.count("pending") == 4


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
        "status": None,
        "children": [
            {
                "name": "Maeve O'Brien",
                "year_group": "Year 10",
                "relationship": "father",
            }
        ],
    }


def test_a_name_that_looks_like_markup_prints_as_it_is(app_context: AppContext) -> None:
    """Cells are text: brackets colour nothing and hide nothing."""
    from signer.register.rows import read_register

    row = "[red]Ann[/red] [Lee],ann@example.org,mother,[bold]Bo,Year 1\n"
    import_register(app_context, read_register((PEOPLE + row).encode()))
    done = signer(app_context.settings, "register", "list", COLUMNS="200")
    assert "[red]Ann[/red] [Lee]" in done.stdout
    assert "[bold]Bo (Year 1)" in done.stdout


def test_paper_is_recorded_under_the_right_name(app_context: AppContext) -> None:
    """Two at one address need --name; the answer repeats who and by whom."""
    ask_parents(app_context)
    shared = ["record-paper", "family@example.org", "--by", "Mrs Bell"]
    refused = signer(app_context.settings, *shared)
    assert refused.exit_code == 1
    assert "2 parents at this address have been asked." in refused.stderr
    assert "--name" in refused.stderr
    done = signer(app_context.settings, *shared, "--name", "tom o'brien")
    assert done.exit_code == 0
    assert (
        done.stdout == "Recorded: Tom O'Brien signed on paper (recorded by Mrs Bell).\n"
    )
    again = signer(app_context.settings, *shared, "--name", "Tom O'Brien")
    assert again.exit_code == 1
    assert "has been signed already" in again.stderr


def test_paper_of_an_unknown_address_is_refused(app_context: AppContext) -> None:
    """The way to look it up stands in the answer."""
    ask_parents(app_context)
    done = signer(
        app_context.settings, "record-paper", "x@example.org", "--by", "Office"
    )
    assert done.exit_code == 1
    assert "`signer register list`" in done.stderr


def test_paper_needs_somebody_who_holds_it(app_context: AppContext) -> None:
    """An empty --by is refused in plain words."""
    ask_parents(app_context)
    done = signer(
        app_context.settings, "record-paper", "amira@example.org", "--by", " "
    )
    assert done.exit_code == 1
    assert done.stderr == "Error: The name given with --by is empty.\n"
