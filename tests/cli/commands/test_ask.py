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


def ask(app_context: AppContext, *options: str) -> Result:
    """Run it with the context's settings."""
    return CliRunner().invoke(
        main, ["ask", *options], env=environment(app_context.settings)
    )


def test_everybody_is_asked_once(app_context: AppContext) -> None:
    """Four parents; a second run asks nobody."""
    first, second = ask(app_context, "--json"), ask(app_context, "--json")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert json.loads(first.stdout) == {
        "version": 2,
        "asked": 4,
        "asked_before": 0,
        "mailed_again": 0,
        "dry_run": False,
    }
    assert json.loads(second.stdout)["asked"] == 0


def test_an_unpublished_version_asks_nobody(app_context: AppContext) -> None:
    """The reason and the next step are told, with exit code 1; by hand it can be."""
    release_edit(
        app_context.settings.versions_dir, "must not take", "must never take", "A."
    )
    before = snapshot(app_context)
    done = ask(app_context)
    assert done.exit_code == 1
    assert "Version 3 is not published yet, so nobody was asked" in done.stderr
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
