"""Mail server, keys and records, each really broken."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.store.tables import PinnedVersion
from signer.workflows.operations.doctor.local_files import check_files
from signer.workflows.operations.doctor.mail_server import check_mail_server
from signer.workflows.operations.doctor.outcomes import Check, Outcome
from signer.workflows.operations.doctor.records import check_records
from tests.ports import free_port
from tests.workflows.mailing.post_office import PostOffice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext

OK, WARNING, PROBLEM = Outcome.OK, Outcome.WARNING, Outcome.PROBLEM


def by_name(checks: Iterable[Check]) -> dict[str, Check]:
    """Each check by what it is about."""
    return {check.about: check for check in checks}


def outcomes(checks: Iterable[Check]) -> dict[str, Outcome]:
    """The outcome of each check, by what it is about."""
    return {about: check.outcome for about, check in by_name(checks).items()}


@pytest.fixture
def own_keys(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with keys that the test may spoil, readable by their owner alone."""
    folder = tmp_path / "own"
    folder.mkdir()
    for path in (settings.seal_path, settings.log_key_path):
        shutil.copy(path, folder)
        (folder / path.name).chmod(0o600)
    return replace(
        settings,
        seal_file=folder / settings.seal_path.name,
        log_key_file=folder / settings.log_key_path.name,
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_keys_that_are_well_are_said_to_be(own_keys: Settings, frozen: object) -> None:
    """They open, and nobody else may read them."""
    del frozen
    assert set(outcomes(check_files(own_keys)).values()) == {OK}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_wrong_with_keys_is_told(
    own_keys: Settings, frozen: object, tmp_path: Path
) -> None:
    """A wrong passphrase, a file that others may read, one that is not there."""
    del frozen
    wrong = outcomes(check_files(replace(own_keys, seal_passphrase="wrong")))
    assert (wrong["seal's key"], wrong["log's key"]) == (PROBLEM, PROBLEM)
    own_keys.seal_path.chmod(0o640)
    own_keys.seal_path.with_name("ca.key.p12").write_bytes(b"x")
    checks = list(check_files(own_keys))
    told = [check for check in checks if check.about == "who may read the keys"]
    assert [check.outcome for check in told] == [PROBLEM, WARNING]
    assert own_keys.seal_path.name in told[0].found
    own_keys.log_key_path.unlink()
    own_keys.seal_path.unlink()
    gone = outcomes(check_files(own_keys))
    assert (gone["seal's key"], gone["log's key"]) == (PROBLEM, WARNING)
    nowhere = replace(own_keys, seal_passphrase_file=tmp_path / "nowhere")
    assert outcomes(check_files(nowhere))["keys"] is PROBLEM
    missing = replace(own_keys, instance=tmp_path / "missing")
    assert outcomes(check_files(missing))["instance folder"] is PROBLEM


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_mail_server_is_asked_and_nothing_is_sent(settings: Settings) -> None:
    """Connected, greeted, logged in where that is set; no mail."""
    office = PostOffice()
    with office.open():
        with_mail = replace(settings, mail_url=office.url)
        checks = by_name(check_mail_server(with_mail))
        assert checks["mail server"].outcome is OK
        assert checks["sender's domain"].outcome is Outcome.NOT_CHECKED
        assert office.seen == []
        # It offers no encryption, and no login.
        insists = replace(settings, mail_url=f"{office.url}?tls=require")
        assert outcomes(check_mail_server(insists))["mail server"] is PROBLEM
        sent = outcomes(check_mail_server(with_mail, "head@school.test"))
        assert sent["mail server"] is OK
        (mail,) = office.taken
        assert mail["To"] == "head@school.test"
        office.answer = "550 5.7.1 relaying denied"
        refused = by_name(check_mail_server(with_mail, "head@school.test"))
        assert refused["mail server"].outcome is PROBLEM
        assert "head@school.test" not in refused["mail server"].found
    gone = replace(settings, mail_url=f"smtp://127.0.0.1:{free_port()}")
    assert outcomes(check_mail_server(gone))["mail server"] is PROBLEM
    wrong = replace(settings, mail_url="imap://x")
    assert outcomes(check_mail_server(wrong))["mail server"] is PROBLEM


def test_records_that_are_well_are_said_to_be(
    settings: Settings, app_context: AppContext
) -> None:
    """The schema, the pins and the database's clock, on both systems."""
    del app_context
    checks = by_name(check_records(settings))
    assert checks["database and versions"].outcome is OK
    clock_of = checks["clock of the database"].outcome
    # The tests' clock stands still, and PostgreSQL's does not.
    expected = (
        Outcome.NOT_CHECKED if settings.database.startswith("sqlite") else PROBLEM
    )
    assert clock_of is expected
    # No worker runs.
    assert checks["worker"].outcome is PROBLEM


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_records_that_keep_the_service_from_starting_are_told(
    settings: Settings, app_context: AppContext, tmp_path: Path
) -> None:
    """A version that was changed, a database that is no database or is not there."""
    version = app_context.versions[-1]
    with app_context.sessions.writing() as session:
        session.add(
            PinnedVersion(
                number=version.number,
                sha256="0" * 64,
                title=version.title,
                label=version.label,
                pinned_at=clock.now(),
            )
        )
    changed = by_name(check_records(settings))["database and versions"]
    assert changed.outcome is PROBLEM
    empty = tmp_path / "empty.sqlite3"
    empty.touch()
    without = replace(settings, database_url=f"sqlite:///{empty}")
    told = by_name(check_records(without))["database and versions"]
    assert told.outcome is PROBLEM
    assert "signer db upgrade" in told.found
    nowhere = tmp_path / "nowhere.sqlite3"
    missing = replace(settings, database_url=f"sqlite:///{nowhere}")
    assert outcomes(check_records(missing))["database and versions"] is PROBLEM
    assert not nowhere.exists()
