"""signer register: headings that are said once, and an empty register to fill in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from signer.register.file.template import HEADINGS
from signer.register.rows import read_register
from signer.workflows.register.list import list_register
from tests.cli.invoking import signer

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

ROWS = (
    "Pupil,UPN,Year,Contact Mail,Parent name,Relationship\n"
    "Bo Lee,H801,7,ann@example.org,Ann Lee,mother\n"
)
SAID = ("--column", "UPN=ignore", "--column", "Contact Mail=parent_email")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(ROWS)
    return path


def is_there(context: AppContext) -> bool:
    return "Ann Lee" in {one.name for one in list_register(context)}


def test_what_a_heading_means_is_said_once(app_context: AppContext, file: Path) -> None:
    """The file after it needs nothing; a dry run and a refusal remember nothing."""
    command = ("register", "import", str(file))
    unknown = signer(app_context.settings, *command)
    assert unknown.exit_code == 1
    assert "--column 'UPN=ignore'" in unknown.stderr
    assert signer(app_context.settings, *command, *SAID, "--dry-run").exit_code == 0
    assert signer(app_context.settings, *command).exit_code == 1
    assert not is_there(app_context)
    done = signer(app_context.settings, *command, *SAID)
    assert done.exit_code == 0, done.stderr
    assert is_there(app_context)
    again = signer(app_context.settings, *command)
    assert again.exit_code == 0, again.stderr
    assert "1 unchanged" in again.stdout
    known = signer(app_context.settings, "register", "columns", "--json")
    assert json.loads(known.stdout) == {
        "contact mail": "parent_email",
        "upn": "ignore",
    }
    forgotten = signer(app_context.settings, "register", "columns", "--forget")
    assert forgotten.stdout == "Headings forgotten: 2\n"
    assert signer(app_context.settings, *command).exit_code == 1


@pytest.mark.parametrize(
    "said", ["UPN", "UPN=nonsense", "=ignore", f"{'x' * 201}=ignore"]
)
def test_a_column_that_is_none_is_refused(
    app_context: AppContext, file: Path, said: str
) -> None:
    """The columns there are are named."""
    refused = signer(
        app_context.settings, "register", "import", str(file), "--column", said
    )
    assert refused.exit_code == 2
    assert "parent_2_email" in refused.stderr
    assert not is_there(app_context)


def test_an_empty_register_can_be_filled_in(
    app_context: AppContext, tmp_path: Path
) -> None:
    """Its columns are those of an import, and no file is written over."""
    path = tmp_path / "register.csv"
    command = ("register", "template", str(path))
    done = signer(app_context.settings, *command)
    assert done.exit_code == 0, done.stderr
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    [problem] = read_register(raw).problems
    assert "nobody under them" in problem.what
    cells = ["Bo Lee", "7", "7B", "Ann Lee", "ann@example.org", "mother", "17"]
    cells += ["Dan Lee", "dan@example.org", "father", "18"]
    assert len(cells) == len(HEADINGS)
    reading = read_register(raw + ",".join(cells).encode())
    assert reading.problems == ()
    assert [(it.name, it.identifier) for it in reading.parents] == [
        *(("Ann Lee", "17"), ("Dan Lee", "18"))
    ]
    assert signer(app_context.settings, *command).exit_code == 1
    assert path.read_bytes() == raw
    workbook = tmp_path / "register.XLSX"
    done = signer(app_context.settings, "register", "template", str(workbook))
    assert done.exit_code == 0, done.stderr
    [problem] = read_register(workbook.read_bytes()).problems
    assert (problem.sheet, "nobody under them" in problem.what) == ("Parents", True)
    for name in ("register.ods", "register"):
        done = signer(
            app_context.settings, "register", "template", str(tmp_path / name)
        )
        assert (done.exit_code, "neither in .xlsx" in done.stderr) == (2, True)
        assert not (tmp_path / name).exists()
