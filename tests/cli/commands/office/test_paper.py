"""signer record-paper and signer paper, as the office types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from signer.workflows.campaigns.ask import ask_parents
from tests.cli.invoking import signer
from tests.conftest import PEOPLE

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

AMIRA = ("record-paper", "amira@example.org", "--by", "Mrs Bell")
PAPER = ("--version", "2", "--dated", "2026-11-20")
UNDO = ("paper", "undo", "amira@example.org", "--reason", "Her sister's")


@pytest.fixture
def asked_context(app_context: AppContext) -> AppContext:
    """Everybody has been asked."""
    ask_parents(app_context)
    return app_context


def test_paper_is_recorded_under_the_right_name(asked_context: AppContext) -> None:
    """Two at one address need --name; what it does is shown before it asks."""
    shared = ["record-paper", "family@example.org", "--by", "Mrs Bell", *PAPER]
    refused = signer(asked_context.settings, *shared)
    assert refused.exit_code == 1
    assert "2 parents share this address." in refused.stderr
    assert "--name" in refused.stderr
    assert "They are Niamh O'Brien and Tom O'Brien." in refused.stderr
    wrong = signer(asked_context.settings, *shared, "--name", "Tom OBrien", "--yes")
    assert wrong.exit_code == 1
    assert "Nobody of this name is at the address. There are Niamh O'Brien and " in (
        wrong.stderr
    )
    named = [*shared, "--name", "tom o'brien"]
    done = signer(asked_context.settings, *named, answer="y\n")
    assert done.exit_code == 0
    for words in (
        "To be recorded: Tom O'Brien <family@example.org> signed on paper",
        "Version:     2 (August 2022)",
        "Dated:       20 November 2026",
        "Until now:   they had been asked and had not answered",
    ):
        assert words in done.stderr, words
    assert done.stdout.startswith("Recorded: Tom O'Brien <family@example.org>")
    again = signer(asked_context.settings, *named, "--yes")
    assert again.exit_code == 1
    assert "has been signed already" in again.stderr


def test_who_says_no_records_nothing(asked_context: AppContext) -> None:
    """The question is asked before it is done."""
    refused = signer(asked_context.settings, *AMIRA, *PAPER, answer="n\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Nothing was recorded." in refused.stderr
    assert signer(asked_context.settings, *AMIRA, *PAPER, "--yes").exit_code == 0


def test_a_paper_undone_tells_of_one_leaving_once(
    asked_context: AppContext, tmp_path: Path
) -> None:
    """Who left, has a paper undone, comes back and is asked was withdrawn once."""
    settings = asked_context.settings
    file = tmp_path / "parents.csv"
    wang = ("wang@example.org", "--by", "Mrs Bell")
    *staying, _ = PEOPLE.splitlines()
    file.write_text("\n".join(staying), encoding="utf-8")
    signer(settings, "register", "import", str(file), "--leavers", "--leaving", "1")
    signer(settings, "record-paper", *wang, *PAPER, "--yes")
    signer(settings, "paper", "undo", *wang, "--reason", "His brother's", "--yes")
    file.write_text(PEOPLE, encoding="utf-8")
    signer(settings, "register", "import", str(file))
    ask_parents(asked_context)
    history = signer(settings, "status", "--parent", "wang@example.org", "--csv").stdout
    assert history.count("paper undone") == history.count(",withdrawn,") == 1
    assert history.count(",asked,") == 2


@pytest.mark.parametrize(
    ("given", "option", "words"),
    [
        (("--dated", "2026-11-20"), "--version", "the paper names: 2."),
        (("--version", "2"), "--dated", "what date"),
        (("--version", "2", "--dated", "20 November"), "--dated", "2026-11-20"),
    ],
)
def test_a_script_has_to_say_all_of_it(
    asked_context: AppContext, given: tuple[str, ...], option: str, words: str
) -> None:
    """No paper is booked to the version in force, or to today, in silence."""
    done = signer(asked_context.settings, *AMIRA, *given, "--yes")
    assert done.exit_code == 2
    assert option in done.stderr
    assert words in done.stderr


def test_a_scan_is_kept(asked_context: AppContext, tmp_path: Path) -> None:
    """By what it is, and not by its name."""
    (tmp_path / "good.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "bad.pdf").write_bytes(b"GIF89a")
    bad = ("--scan", str(tmp_path / "bad.pdf"), "--yes")
    refused = signer(asked_context.settings, *AMIRA, *PAPER, *bad)
    assert refused.exit_code == 1
    assert "is no PDF, JPEG or PNG" in refused.stderr
    scan = ("--scan", str(tmp_path / "good.pdf"), "--yes", "--json")
    done = signer(asked_context.settings, *AMIRA, *PAPER, *scan)
    assert json.loads(done.stdout)["scan"] == "application/pdf"


def test_a_paper_is_undone(asked_context: AppContext) -> None:
    """What goes is shown and asked; the history tells of both."""
    signer(asked_context.settings, *AMIRA, *PAPER, "--yes")
    kept = signer(asked_context.settings, *UNDO, answer="n\n")
    assert kept.exit_code == 1
    assert "Nothing was undone." in kept.stderr
    done = signer(asked_context.settings, *UNDO, "--by", "Jo", answer="y\n")
    assert "Recorded by: Mrs Bell" in done.stderr
    assert done.stdout.startswith("Undone: the paper of Amira Khan")
    told = signer(
        asked_context.settings, "status", "--parent", "amira@example.org", COLUMNS="200"
    )
    assert "dated 20 November 2026, recorded by Mrs Bell" in told.stdout
    assert "by Jo: Her sister's" in told.stdout
    again = signer(asked_context.settings, *UNDO, "--yes")
    assert again.exit_code == 1
    assert "no paper of Amira Khan is recorded" in again.stderr


def test_a_form_is_written_once(asked_context: AppContext, tmp_path: Path) -> None:
    """For whoever may sign; a file that is there is not touched."""
    out = ("--out", str(tmp_path / "form.pdf"))
    form = ("paper", "form", "amira@example.org")
    refused = signer(asked_context.settings, *form, *out, "--version", "3")
    assert refused.exit_code == 1
    assert "They may have signed: 2." in refused.stderr
    done = signer(asked_context.settings, *form, *out)
    assert done.exit_code == 0
    assert (tmp_path / "form.pdf").read_bytes().startswith(b"%PDF-")
    assert signer(asked_context.settings, *form, *out).exit_code == 1


def test_paper_of_an_unknown_address_is_refused(asked_context: AppContext) -> None:
    """The way to look it up stands in the answer."""
    unknown = ("record-paper", "x@example.org", "--by", "Office")
    done = signer(asked_context.settings, *unknown, *PAPER)
    assert done.exit_code == 1
    assert "`signer register list`" in done.stderr


def test_paper_needs_somebody_who_holds_it(asked_context: AppContext) -> None:
    """An empty --by is refused in plain words."""
    nobody = ("record-paper", "amira@example.org", "--by", " ")
    done = signer(asked_context.settings, *nobody, *PAPER)
    assert done.exit_code == 1
    assert done.stderr == "Error: The name given with --by is empty.\n"
