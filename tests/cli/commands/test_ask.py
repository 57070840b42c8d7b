"""signer ask: what the office types."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.config import environment, load
from signer.web import create_app
from tests.cli.invoking import signer
from tests.web.browsing import Browser
from tests.web.releases import release_edit
from tests.workflows.conftest import Post, link_in, snapshot, words
from tests.workflows.mailing.post_office import PostOffice

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from signer.config import Settings
    from signer.workflows.context import AppContext


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The service is the site, which shows version 2."""
    folder = tmp_path / "site" / "versions"
    folder.mkdir(parents=True)
    source = (settings.versions_dir / "2.md").read_bytes()
    (folder / "2.md").write_bytes(source)
    return replace(settings, site_dir=tmp_path / "site")


def ask(app_context: AppContext, *options: str, answer: str = "y\n") -> Result:
    """Run it with the context's settings, and answer its question."""
    return CliRunner().invoke(
        main, ["ask", *options], env=environment(app_context.settings), input=answer
    )


def test_everybody_is_asked_once(app_context: AppContext) -> None:
    """Four parents; a second run asks nobody."""
    first, second = (ask(app_context, "--json", "--yes") for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert json.loads(first.stdout) == {
        "version": 2,
        "asked": 4,
        "asked_before": 0,
        "mailed_again": 0,
        "without_email": [],
        "dry_run": False,
    }
    assert json.loads(second.stdout)["asked"] == 0


def test_it_says_whom_it_asks_and_waits_for_a_yes(app_context: AppContext) -> None:
    """How many and whom, with their children; without a yes nobody is asked."""
    before = snapshot(app_context)
    done = ask(app_context, answer="n\n")
    assert done.exit_code == 1
    assert "4 parents will be sent an email" in done.stderr
    assert (
        "Amira Khan <amira@example.org>: Leila Khan (Year 5), Yusuf Khan (Year 8)"
        in done.stderr
    )
    assert "Send these 4 emails?" in done.stderr
    assert "No one was asked." in done.stderr
    assert snapshot(app_context) == before
    # Nobody is there to answer.
    assert ask(app_context, answer="").exit_code == 1
    assert snapshot(app_context) == before
    assert "4 asked now" in ask(app_context).stdout
    # Where nobody waits there is no question.
    assert "0 asked now" in ask(app_context, answer="").stdout


def test_a_dry_run_lists_whom_it_would_ask(app_context: AppContext) -> None:
    """As a table with the count, as a document, or for a spreadsheet."""
    told = ask(app_context, "--dry-run").stdout
    assert "王小明" in told
    assert "4 would be asked, 0 had been asked before." in told
    document = json.loads(ask(app_context, "--dry-run", "--json").stdout)
    assert len(document["parents"]) == document["asked"] == 4
    sheet = ask(app_context, "--dry-run", "--year", "10", "--csv").stdout
    assert [line.split(",")[0] for line in sheet.splitlines()[1:]] == [
        *("Niamh O'Brien", "Tom O'Brien"),
    ]
    assert ask(app_context, "--csv").exit_code == 2
    assert "4 asked now" in ask(app_context).stdout


def test_a_part_is_asked_once_everybody_was(app_context: AppContext) -> None:
    """The first time it is refused, with the reason."""
    done = ask(app_context, "--year", "10")
    assert done.exit_code == 1
    assert "The first time everyone is asked" in done.stderr
    ask(app_context)
    assert "0 asked now" in ask(app_context, "--year", "10").stdout


@pytest.mark.parametrize(
    ("notice", "stops", "told"),
    [
        ("<p>School to confirm</p>" * 7, True, "7 parts marked “School to confirm”"),
        ("<p>School to confirm</p>", True, "1 part marked"),
        ("<p>Confirmed</p>", False, ""),
        (None, False, "The privacy notice could not be looked at"),
    ],
)
def test_a_notice_with_parts_to_confirm_stops_it(
    app_context: AppContext, notice: str | None, *, stops: bool, told: str
) -> None:
    """What parents can read is looked at; by hand it can be overridden."""
    assert app_context.settings.site_dir
    folder = app_context.settings.site_dir / "privacy"
    folder.mkdir()
    if notice is not None:
        (folder / "index.html").write_text(notice, encoding="utf-8")
    before = snapshot(app_context)
    done = ask(app_context)
    assert done.exit_code == int(stops)
    assert told in done.stderr
    assert (snapshot(app_context) == before) is stops
    if stops:
        done = ask(app_context, "--although-notice-unconfirmed")
        assert "4 asked now" in done.stdout


def test_an_unpublished_version_asks_nobody(app_context: AppContext) -> None:
    """The reason and the next step are told, with exit code 1; by hand it can be."""
    release_edit(
        app_context.settings.versions_dir, "must not take", "must never take", "A."
    )
    before = snapshot(app_context)
    done = ask(app_context)
    assert done.exit_code == 1
    assert "Version 3 is not published yet, so no one was asked" in done.stderr
    assert snapshot(app_context) == before
    done = ask(app_context, "--published")
    assert done.exit_code == 0
    assert "4 asked now" in done.stdout


def test_another_text_on_the_site_is_an_alarm(app_context: AppContext) -> None:
    """Both fingerprints stand in the message."""
    assert app_context.settings.site_dir
    path = app_context.settings.site_dir / "versions" / "2.md"
    path.write_bytes(path.read_bytes() + b"\n")
    before = snapshot(app_context)
    done = ask(app_context)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ALARM")
    assert app_context.versions[-1].sha256 in done.stderr
    assert snapshot(app_context) == before


def test_a_published_version_is_not_looked_up_again(app_context: AppContext) -> None:
    """New families are asked also while the site is away."""
    ask(app_context)
    assert app_context.settings.site_dir
    (app_context.settings.site_dir / "versions" / "2.md").unlink()
    assert ask(app_context).exit_code == 0


def test_a_sample_asks_nobody_and_opens_nothing(app_context: AppContext) -> None:
    """One mail, as parents get it; its link explains itself; no row is written."""
    release_edit(
        app_context.settings.versions_dir, "must not take", "must never take", "A."
    )
    before = snapshot(app_context)
    done = ask(app_context, "--test-to", "office@example.org", "--json")
    assert json.loads(done.stdout) == {
        "version": 3,
        "sample_to": "office@example.org",
        "asked": 0,
    }
    assert snapshot(app_context) == before
    (mail,) = Post(app_context).mails()
    assert "office@example.org" in str(mail["To"])
    assert "What has changed".upper() in words(mail)
    assert "[added: never]" in words(mail)
    found = link_in(mail)
    assert found
    visitor = Browser(create_app(app_context.settings, app_context))
    page = visitor.open(f"/s/{found[1]}")
    assert (page.status, page.heading) == (200, "This was a sample")
    assert page.buttons == []
    assert snapshot(app_context) == before


def test_a_sample_leads_to_an_address_beyond_ascii(app_context: AppContext) -> None:
    """The mail server takes it, and its link is answered by the name browsers send."""
    office = PostOffice()
    variables = environment(app_context.settings) | {
        "SIGNER_BASE_URL": "https://schüle.example",
        "SIGNER_MAIL_URL": office.url,
    }
    command = ["ask", "--test-to", "head@example.org"]
    with office.open():
        done = CliRunner().invoke(main, command, env=variables)
    assert done.exit_code == 0, done.output
    assert office.recipients == ["head@example.org"]
    (mail,) = office.taken
    assert str(mail["Message-ID"]).endswith("@xn--schle-mva.example>")
    found = re.search(r"https://xn--schle-mva\.example(/s/\S+)", words(mail))
    assert found
    app = create_app(load(variables), app_context)
    page = Browser(app, "https://xn--schle-mva.example").open(found[1])
    assert (page.status, page.heading) == (200, "This was a sample")


def test_a_sample_and_a_dry_run_exclude_each_other(app_context: AppContext) -> None:
    """Wrong usage has the exit code 2."""
    assert ask(app_context, "--test-to", "a@example.org", "--dry-run").exit_code == 2


@pytest.mark.parametrize("address", ["", "not an address", "a@b.example\nBcc: x@y.z"])
def test_a_sample_goes_to_an_address_alone(
    app_context: AppContext, address: str
) -> None:
    """Anything else is refused, and nothing is sent."""
    done = ask(app_context, "--test-to", address)
    assert done.exit_code in {1, 2}
    assert Post(app_context).mails() == []


def test_one_parent_without_an_address_signs_on_paper(
    app_context: AppContext, tmp_path: Path
) -> None:
    """The sentences agree with their number."""
    file = tmp_path / "one.csv"
    header = "parent_name,parent_email,relationship,child_name,year_group"
    file.write_text(f"{header}\nAnn Lee,,mother,Bo Lee,Year 1\n", encoding="utf-8")
    signer(app_context.settings, "register", "import", str(file))
    told = ask(app_context, "--yes").stdout
    assert "1 parent has no email address, and signs on paper:\n  Ann Lee" in told
    status = signer(app_context.settings, "status").stdout
    assert "1 of the outstanding has no email address, and signs on paper" in status
