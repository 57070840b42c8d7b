"""signer parent, as the office types it."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.store.tables import Parent, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.erase import OUT_OF_REACH
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from tests.cli.invoking import signer
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def gone(app_context: AppContext) -> AppContext:
    """Wang was asked, and has left."""
    ask_parents(app_context)
    rest = PEOPLE.splitlines()[:-1]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    return app_context


@pytest.mark.parametrize(
    "words",
    [
        *(
            "amira",
            "KHAN, Amira",
            "Mrs Khan",
            "Leila",
            "amira@exam",
            "amira@example.org",
        ),
        *("Amira Bell", "bell@example.org"),
    ],
)
def test_a_parent_is_found_by_what_the_office_has(
    app_context: AppContext, words: str
) -> None:
    """By name or child, in any order, by an address, and by what there was before."""
    signer(
        app_context.settings,
        *("parent", "correct", "amira@example.org", "--yes"),
        *("--name", "Amira Bell", "--email", "bell@example.org"),
    )
    done = signer(app_context.settings, "parent", "find", "--json", *words.split())
    assert [one["name"] for one in json.loads(done.stdout)] == ["Amira Bell"]
    told = signer(app_context.settings, "parent", "find", words, COLUMNS="200")
    assert "Amira Khan <amira@example.org>" in told.stdout


def test_a_parent_is_found_by_the_reference_of_a_request(
    app_context: AppContext,
) -> None:
    """Nobody else; and who is not there is told so."""
    ask_parents(app_context)
    ref = json.loads(
        signer(app_context.settings, "parent", "find", "--json", "Tom").stdout
    )[0]["requests"][0]
    done = signer(app_context.settings, "parent", "find", ref)
    assert "Tom O'Brien" in done.stdout
    assert "Amira" not in done.stdout
    assert signer(app_context.settings, "parent", "find", "Zoë").exit_code == 1


def test_a_parent_is_found_by_a_kept_reference_that_begins_with_a_dash(
    app_context: AppContext,
) -> None:
    """References of before were not kept from it; each command takes them."""
    ask_parents(app_context)
    with app_context.sessions.writing() as session:
        session.execute(
            update(Request)
            .where(Request.parent.has(Parent.name == "Tom O'Brien"))
            .values(ref="-Lk2_bW9xQ0a")
        )
    done = signer(app_context.settings, "parent", "find", "-Lk2_bW9xQ0a")
    assert "Tom O'Brien" in done.stdout
    for line in (
        ["parent", "correct", "-Lk2_bW9xQ0a", "--name", "Thomas O'Brien"],
        ["record-paper", "-Lk2_bW9xQ0a", "--version", "2", "--dated", "2022-08-20"],
        ["exempt", "add", "-Lk2_bW9xQ0a", "--reason", "In hospital"],
    ):
        done = signer(app_context.settings, *line, "--dry-run")
        assert done.exit_code == 0, done.output
        assert "O'Brien" in done.output


def test_a_correction_is_shown_first_and_asked(app_context: AppContext) -> None:
    """Before and after, and what ends; "no" changes nothing; status tells of it."""
    ask_parents(app_context)
    command = ("parent", "correct", "amira@example.org", "--email", "new@example.org")
    refused = signer(app_context.settings, *command, answer="n\n")
    assert refused.exit_code == 1
    assert "After:  Amira Khan <new@example.org>" in refused.stderr
    assert "Open requests mailed to the new address: 1" in refused.stderr
    before = [one.email for one in list_register(app_context)]
    assert "amira@example.org" in before
    done = signer(app_context.settings, *command, answer="y\n")
    assert done.exit_code == 0, done.output
    after = [one.email for one in list_register(app_context)]
    assert after == [one.replace("amira@", "new@") for one in before]
    told = signer(
        app_context.settings, "status", "--parent", "amira@example.org", COLUMNS="200"
    )
    assert "before: Amira Khan <amira@example.org>" in told.stdout


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x.example")', "+44", "\uff1d1"])
def test_a_corrected_name_is_no_formula(app_context: AppContext, name: str) -> None:
    """As in a file that is imported: lists of the register are opened by Excel."""
    done = signer(
        app_context.settings,
        *("parent", "correct", "amira@example.org", "--name", name, "--yes"),
    )
    assert done.exit_code == 1
    assert f"The name begins with {name[0]}" in done.stderr


def test_a_correction_makes_nobody_somebody_else(app_context: AppContext) -> None:
    """Two at one address need a name; one person's name and address are their own."""
    shared = (
        "parent",
        "correct",
        "family@example.org",
        "--yes",
        "--name",
        "Tom O'Brien",
    )
    assert "--known-as" in signer(app_context.settings, *shared).stderr
    done = signer(app_context.settings, *shared, "--known-as", "Niamh O'Brien")
    assert done.exit_code == 1
    assert "has this name and address" in done.stderr
    wrong = signer(
        app_context.settings, "parent", "correct", "amira@example.org", "--email", "x@y"
    )
    assert wrong.exit_code == 2


def test_a_copy_is_written_for_its_owner_alone(
    app_context: AppContext, tmp_path: Path
) -> None:
    """Nobody else on the machine may read it, and no file is written over."""
    out = tmp_path / "amira.zip"
    command = ("parent", "export", "amira@example.org", "--out", str(out))
    done = signer(app_context.settings, *command)
    assert done.exit_code == 0, done.output
    assert out.stat().st_mode & 0o777 == 0o600
    assert "data.json" in zipfile.ZipFile(out).namelist()
    again = signer(app_context.settings, *command)
    assert again.exit_code == 1
    assert "already exists, and was not changed. Name another file." in again.stderr


def test_a_new_link_is_sent_by_the_office(app_context: AppContext) -> None:
    """To whoever was asked; for anybody else it says what to do."""
    ask_parents(app_context)
    done = signer(app_context.settings, "parent", "new-link", "family@example.org")
    assert (done.exit_code, done.stdout) == (
        0,
        "2 new links go out within a minute. Then those of before end.\n",
    )
    done = signer(app_context.settings, "parent", "new-link", "nobody@example.org")
    assert done.exit_code == 1
    assert "No parent in the register has been asked at this address." in done.stderr


def test_a_new_link_that_is_held_says_so(
    app_context: AppContext,
) -> None:
    """Somebody wrote that the address is wrong: it says what waits, and what to do."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    amira = open_link(app_context, post.token("Amira Khan"))
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.NOT_ME,
        link_fingerprint=amira.link_fingerprint,
        words="",
    )
    command = ("parent", "new-link", "amira@example.org")
    done = signer(app_context.settings, *command)
    assert done.exit_code == 0
    assert "out within a minute" not in done.stdout
    assert "On hold" in done.stdout
    assert "signer disputes settle amira@example.org" in done.stdout
    assert "signer parent correct amira@example.org --email" in done.stdout
    assert "--leavers" not in done.stdout
    post.send()
    before = len(post.to("Amira Khan"))
    signer(app_context.settings, "disputes", "settle", "amira@example.org")
    post.send()
    assert len(post.to("Amira Khan")) == before + 1
    assert "within a minute" in signer(app_context.settings, *command).stdout


def test_erasing_asks_first(gone: AppContext) -> None:
    """It says what would go; "no" leaves all of it."""
    done = signer(gone.settings, "parent", "erase", "wang@example.org", answer="n\n")
    assert done.exit_code == 1
    assert "To be erased: 王小明" in done.stderr
    assert "Nothing was erased." in done.stderr
    done = signer(gone.settings, "parent", "erase", "wang@example.org", answer="y\n")
    assert done.exit_code == 0
    assert "Erased: 王小明" in done.stdout
    for copies in ("backups", "bundles", "mailboxes"):
        assert copies in done.stdout.partition("does not reach")[2]
    done = signer(gone.settings, "parent", "erase", "wang@example.org", "--yes")
    assert done.exit_code == 1
    assert "No parent in the register has this address" in done.stderr


def test_who_is_in_the_register_is_refused_with_what_to_do(
    app_context: AppContext,
) -> None:
    """The answer names the command that lets people leave."""
    done = signer(app_context.settings, "parent", "erase", "amira@example.org", "--yes")
    assert done.exit_code == 1
    assert "signer register import --leavers" in done.stderr
    assert len(list_register(app_context)) == 4


def test_two_of_one_address_need_a_name(gone: AppContext) -> None:
    """So that nobody is erased by mistake."""
    done = signer(gone.settings, "parent", "erase", "family@example.org", "--yes")
    assert done.exit_code == 1
    assert "2 parents share this address. Add --name" in done.stderr


def test_an_erasure_is_one_document_for_programs(gone: AppContext) -> None:
    """--json gives what went, and nothing else on standard output."""
    done = signer(
        gone.settings, "parent", "erase", "wang@example.org", "--yes", "--json"
    )
    assert json.loads(done.stdout) == {
        "name": "王小明",
        "requests": 1,
        "declarations": [],
        "entries": [1],
        "dry_run": False,
        "out_of_reach": list(OUT_OF_REACH),
    }


KAHN = "Amira Kahn,kahn@example.org,mother,Zara Khan,Year 2\n"
MERGE = ("parent", "merge", "amira@example.org", "kahn@example.org")


def test_a_merge_shows_what_it_does_and_asks(app_context: AppContext) -> None:
    """No changes nothing; yes makes one of two."""
    import_register(app_context, read_register((PEOPLE + KAHN).encode()))
    ask_parents(app_context)
    done = signer(app_context.settings, *MERGE, answer="n\n")
    assert done.exit_code == 1
    assert "Nothing was changed" in done.stderr
    for line in (
        "Stays: Amira Khan <amira@example.org>",
        "Becomes a part of it: Amira Kahn <kahn@example.org>",
        "Children they get: Zara Khan",
        "Version 2: pending",
    ):
        assert line in done.stderr
    assert len(list_register(app_context)) == 5
    done = signer(app_context.settings, *MERGE, answer="y\n")
    assert done.exit_code == 0, done.stderr
    assert len(list_register(app_context)) == 4
    done = signer(app_context.settings, *MERGE, "--yes")
    assert done.exit_code == 1
    assert "Both are the same record already." in done.stderr


def test_a_merge_for_programs_is_one_document(app_context: AppContext) -> None:
    """--json, before it is done and after."""
    import_register(app_context, read_register((PEOPLE + KAHN).encode()))
    for option, is_dry in (("--dry-run", True), ("--yes", False)):
        done = signer(app_context.settings, *MERGE, option, "--json")
        document = json.loads(done.stdout)
        assert document["dry_run"] is is_dry
        assert document["children"] == ["Zara Khan"]
