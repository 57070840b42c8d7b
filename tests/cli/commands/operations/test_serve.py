"""The processes of production refuse to start, and name what is wrong."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from signer.workflows.campaigns.ask import ask_parents
from tests.cli.invoking import signer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from signer.config import Settings
    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of every test, with somewhere for mail to go."""
    return replace(settings, mail_url=settings.mail_address)


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """`serve` names the folder of its counters in it, and may be refused after that."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(params=["serve", "worker"])
def process(request: pytest.FixtureRequest) -> str:
    """Each of the two."""
    return str(request.param)


def refused(done: Result) -> str:
    """What a refusal says, in one go and without a traceback."""
    assert done.exit_code == 1, done.output
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    return str(done.stderr)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("SIGNER_SECRET_KEYS", "", "is missing"),
        ("SIGNER_SECRET_KEYS", "short", "fewer than 32 characters"),
        ("SIGNER_BASE_ULR", "https://school.example", "is not a setting"),
        ("SIGNER_BASE_URL", "school.example", "must be https://"),
        ("SIGNER_MAIL_URL", "gopher://x", "must begin with"),
        ("SIGNER_MAIL_URL", "", "is missing"),
        ("SIGNER_SECRET_KEYS", "a" * 64, "different characters"),
        ("SIGNER_BASE_URL", "http://policies.school.example", "https://"),
        ("SIGNER_ORIGIN", "http://signer.school.example", "https://"),
        ("SIGNER_SEAL_PASSPHRASE_FILE", "/gone", "cannot be read"),
        ("SIGNER_DATABASE_URL", "records", "must be sqlite:///"),
        ("SIGNER_DATABASE_URL", "mysql://a/b", "must be sqlite:///"),
        ("SIGNER_DATABASE_URL", "postgresql://a/b", "must be sqlite:///"),
        ("SIGNER_DATABASE_URL", "sqlite://", "must be sqlite:///"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    app_context: AppContext, process: str, key: str, value: str, said: str
) -> None:
    """The variable, and what it must be."""
    words = refused(signer(app_context.settings, process, **{key: value}))
    assert words.startswith(f"Error: The setting {key} ")
    assert said in words


def test_the_demo_is_refused_where_others_reach_it(
    app_context: AppContext, process: str
) -> None:
    """The page that shows all mail never stands under a public address."""
    public = "https://policies.school.example"
    done = signer(
        app_context.settings, process, SIGNER_DEMO="true", SIGNER_BASE_URL=public
    )
    assert refused(done).startswith("Error: The setting SIGNER_DEMO ")


def test_a_seal_that_is_missing_is_named(
    app_context: AppContext, process: str, tmp_path: Path
) -> None:
    """The file stands in the answer."""
    path = str(tmp_path / "gone.p12")
    words = refused(signer(app_context.settings, process, SIGNER_SEAL_FILE=path))
    assert words.startswith(f"Error: The key file {path} ")


def test_a_seal_that_is_damaged_is_named(
    app_context: AppContext, process: str, tmp_path: Path
) -> None:
    """A file that holds no key, too."""
    path = tmp_path / "seal.p12"
    path.write_bytes(b"nothing of the kind")
    words = refused(signer(app_context.settings, process, SIGNER_SEAL_FILE=str(path)))
    assert str(path) in words


@pytest.mark.parametrize(
    "key", ["SIGNER_TRUST_FILE", "SIGNER_CRL_FILE", "SIGNER_TSA_TRUST_FILE"]
)
def test_a_certificate_or_list_that_cannot_be_used_is_named(
    app_context: AppContext, process: str, tmp_path: Path, key: str
) -> None:
    """The setting and the file, before anything needs them."""
    path = tmp_path / "spoiled"
    path.write_text("Dear parents,")
    words = refused(signer(app_context.settings, process, **{key: str(path)}))
    assert words.startswith(f"Error: The setting {key} names a file")
    assert str(path) in words


@pytest.mark.parametrize("passphrase", ["wrong", ""])
def test_a_wrong_passphrase_is_told(
    app_context: AppContext, process: str, passphrase: str
) -> None:
    """The file is named, the passphrase is not repeated."""
    words = refused(
        signer(app_context.settings, process, SIGNER_SEAL_PASSPHRASE=passphrase)
    )
    assert str(app_context.settings.seal_path) in words
    assert "passphrase" in words
    assert "wrong passphrase 'wrong'" not in words


def test_a_missing_database_is_told_with_what_to_run(
    app_context: AppContext, process: str, tmp_path: Path
) -> None:
    """`signer db upgrade` makes it; looking for it does not."""
    path = tmp_path / "none.sqlite3"
    url = f"sqlite:///{path}"
    words = refused(signer(app_context.settings, process, SIGNER_DATABASE_URL=url))
    assert "`signer db upgrade`" in words


@pytest.mark.parametrize("spoiled", ["folder", "letter", "no folder"])
def test_a_database_that_cannot_be_used_is_told(
    app_context: AppContext, process: str, tmp_path: Path, spoiled: str
) -> None:
    """The setting to look at stands in the answer."""
    path = tmp_path / "records"
    if spoiled == "folder":
        path.mkdir()
    if spoiled == "letter":
        path.write_text("Dear parents, " * 100)
    if spoiled == "no folder":
        path /= "signer.sqlite3"
    url = f"sqlite:///{path}"
    words = refused(signer(app_context.settings, process, SIGNER_DATABASE_URL=url))
    assert "SIGNER_DATABASE_URL" in words


def test_a_server_that_does_not_answer_is_told(
    app_context: AppContext, process: str
) -> None:
    """The password in its address is not."""
    url = "postgresql+psycopg://school:hush@127.0.0.1:1/signer?connect_timeout=1"
    words = refused(signer(app_context.settings, process, SIGNER_DATABASE_URL=url))
    assert "SIGNER_DATABASE_URL" in words
    assert "hush" not in words


def test_a_version_that_was_changed_stops_everything(
    app_context: AppContext, process: str
) -> None:
    """After parents were asked, the text is what they were asked to sign."""
    ask_parents(app_context)
    path = app_context.settings.versions_dir / "2.md"
    path.write_text(path.read_text().replace("respect", "contempt"))
    words = refused(signer(app_context.settings, process))
    assert "2.md" in words
    assert app_context.versions[-1].sha256 in words


def test_a_version_that_is_missing_stops_everything(
    app_context: AppContext, process: str
) -> None:
    """Neither does a folder without it."""
    ask_parents(app_context)
    (app_context.settings.versions_dir / "2.md").unlink()
    assert "2.md" in refused(signer(app_context.settings, process))


def test_a_queue_that_cannot_be_written_is_told(
    app_context: AppContext, process: str, tmp_path: Path
) -> None:
    """The folder of the instance stands in the answer."""
    (tmp_path / "file").touch()
    place = str(tmp_path / "file" / "instance")
    words = refused(signer(app_context.settings, process, SIGNER_INSTANCE=place))
    assert "SIGNER_INSTANCE" in words
