"""signer staff: what the office types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from signer.workflows.campaigns.ask import ask_parents
from tests.cli.invoking import signer

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext


def test_from_the_file_to_the_mail(app_context: AppContext, tmp_path: Path) -> None:
    """Brought in, listed, told with the release, counted, and taken off the list."""
    settings = app_context.settings
    file = tmp_path / "staff.csv"
    file.write_text("name,email\nJo Field,jo@school.example\n", encoding="utf-8")
    done = signer(settings, "staff", "import", str(file))
    assert "New:\n  Jo Field <jo@school.example>" in done.stdout
    assert "nothing yet" in signer(settings, "staff", "list").stdout
    done = signer(settings, "staff", "tell")
    assert "parents have not been asked to sign any version yet" in done.stdout

    ask_parents(app_context)
    assert "version 2" in signer(settings, "staff", "list").stdout
    words = " ".join(signer(settings, "status").stdout.split())
    assert "Version 2, teachers: 1 waiting for their email." in words

    with file.open("a", encoding="utf-8") as rows:
        rows.write("Sam Reed,sam@school.example\n")
    signer(settings, "staff", "import", str(file))
    refused = signer(settings, "staff", "tell", answer="n\n")
    assert (refused.exit_code, "No one was told" in refused.stderr) == (1, True)
    told = json.loads(signer(settings, "staff", "tell", "--yes", "--json").stdout)
    assert told["told"]["newly"] == [["Sam Reed", "sam@school.example"]]

    assert (
        "not be told any more"
        in signer(settings, "staff", "remove", "sam@school.example").stdout
    )
    kept = json.loads(signer(settings, "staff", "export", "sam@school.example").stdout)
    assert kept["left_at"] is not None
    assert (
        "Erased: Sam Reed"
        in signer(settings, "staff", "erase", "sam@school.example", answer="y\n").stdout
    )
    gone = signer(settings, "staff", "export", "sam@school.example")
    assert (gone.exit_code, "No teacher has this" in gone.stderr) == (1, True)


def test_leavers_are_shown_and_counted(app_context: AppContext, tmp_path: Path) -> None:
    """Without somebody who types the number, nobody is taken off a short list."""
    settings = app_context.settings
    file = tmp_path / "staff.csv"
    file.write_text("name,email\nJo,jo@s.example\nAl,al@s.example\n", encoding="utf-8")
    signer(settings, "staff", "import", str(file))
    file.write_text("name,email\nJo,jo@s.example\n", encoding="utf-8")
    done = signer(settings, "staff", "import", str(file), "--leavers", "--yes")
    assert done.exit_code == 1
    assert "Al <al@s.example>" in done.stderr
    assert "--leavers --leaving 1" in done.stderr
    arguments = ("staff", "import", str(file), "--leavers", "--leaving", "1")
    assert "Off the list:\n  Al <al@s.example>" in signer(settings, *arguments).stdout


def test_a_teacher_who_leaves_without_a_question_is_named_once(
    app_context: AppContext, tmp_path: Path
) -> None:
    """What was done is said, and not what would be as well."""
    settings = app_context.settings
    file = tmp_path / "staff.csv"
    rows = [f"T {number},t{number}@s.example\n" for number in range(12)]
    file.write_text("name,email\n" + "".join(rows), encoding="utf-8")
    signer(settings, "staff", "import", str(file))
    file.write_text("name,email\n" + "".join(rows[1:]), encoding="utf-8")
    done = signer(settings, "staff", "import", str(file), "--leavers", "--yes")
    assert done.exit_code == 0, done.output
    assert done.output.count("T 0 <t0@s.example>") == 1
