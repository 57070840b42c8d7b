"""What ends soon is told in time, and what cannot be read stops the start."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from signer import clock
from signer.errors import SettingsError
from signer.pki.certificates import authority_certificate, new_key
from signer.pki.expiry import Role, of_lists
from signer.pki.revocation import revocation_list
from signer.store.columns import Delivery
from signer.store.tables import Outbox
from signer.workflows.context import AppContext
from signer.workflows.keys.warnings import (
    check_key_files,
    key_warnings,
    log_key_warnings,
)
from signer.workflows.mailing.alarms import remind_of_keys
from tests.conftest import MOMENT
from tests.workflows.conftest import Post, snapshot, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.config import Settings
    from signer.pki.make_keys import KeyFiles

    Advance = Callable[[timedelta], None]

DAY = timedelta(days=1)
YEAR = 365 * DAY


@pytest.fixture
def settings(settings: Settings, key_files: KeyFiles, tmp_path: Path) -> Settings:
    """A school that publishes its list, with copies of its files to spoil."""
    folder = shutil.copytree(key_files.seal_key.parent, tmp_path / "keys")
    return replace(settings, seal_file=None, trust_file=folder / "ca.pem")


def with_stamps(settings: Settings) -> Settings:
    """The same school, with an authority that dates its seals."""
    return replace(
        settings,
        tsa_url="http://stamps.example/",
        tsa_trust_file=settings.trust_path,
    )


def changed(app_context: AppContext, settings: Settings) -> AppContext:
    """The context with other settings."""
    return AppContext(
        settings, sessions=app_context.sessions, versions=app_context.versions
    )


def roles(app_context: AppContext) -> list[Role]:
    return [one.role for one in key_warnings(app_context)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (0 * DAY, []),
        (397 * DAY - 60 * DAY, []),
        (397 * DAY - 59 * DAY, [Role.REVOCATION]),
        (398 * DAY, [Role.REVOCATION]),
        (3 * YEAR - 59 * DAY, [Role.SEAL, Role.REVOCATION]),
        (3 * YEAR + DAY, [Role.SEAL, Role.REVOCATION]),
        (20 * YEAR - 59 * DAY, [Role.SEAL, Role.AUTHORITY, Role.REVOCATION]),
    ],
)
def test_what_ends_within_sixty_days_is_told(
    app_context: AppContext, frozen: Advance, after: timedelta, expected: list[Role]
) -> None:
    """And so is what has ended, for as long as it lies there."""
    app_context.seal_key()
    frozen(after)
    assert roles(app_context) == expected


def test_a_list_that_ran_out_keeps_seals_waiting(
    app_context: AppContext, frozen: Advance, settings: Settings
) -> None:
    """Where seals carry timestamps, the warning says so; elsewhere it says less."""
    frozen(398 * DAY)
    (plain,) = key_warnings(app_context)
    assert "ended on 24 December 2027" in plain.problem
    assert "no valid list" in plain.problem
    (waits,) = key_warnings(changed(app_context, with_stamps(settings)))
    assert "declarations wait for their seal" in waits.problem
    assert "signer keys crl" in waits.what_to_do


def test_the_root_of_the_timestamps_is_told_of(
    app_context: AppContext, frozen: Advance, settings: Settings
) -> None:
    """Of several roots the one that lasts longest counts."""
    app_context = changed(app_context, with_stamps(settings))
    app_context.seal_key()
    frozen(20 * YEAR - 30 * DAY)
    assert Role.TIMESTAMPS in roles(app_context)
    path = settings.instance_path / "roots.pem"
    key = new_key()
    newer = authority_certificate(key, school="Stamps", at=clock.now())
    old = settings.trust_path.read_bytes()
    path.write_bytes(old + newer.public_bytes(Encoding.PEM))
    app_context = changed(
        app_context, replace(with_stamps(settings), tsa_trust_file=path)
    )
    assert Role.TIMESTAMPS not in roles(app_context)


def test_an_old_authority_that_is_kept_is_no_news(
    app_context: AppContext, frozen: Advance, settings: Settings
) -> None:
    """After new keys the old certificate stays in the file, to check old seals with."""
    old = authority_certificate(new_key(), school="Before", at=MOMENT - 20 * YEAR)
    present = settings.trust_path.read_bytes()
    settings.trust_path.write_bytes(present + old.public_bytes(Encoding.PEM))
    frozen(30 * DAY)
    assert roles(app_context) == []


def test_a_short_list_is_told_of_in_its_last_sixth(tmp_path: Path) -> None:
    """A public authority's list holds for days, and is renewed by itself."""
    key = new_key()
    authority = authority_certificate(key, school="A", at=MOMENT)
    made = revocation_list(authority=authority, authority_key=key, at=MOMENT)
    path = tmp_path / "short.crl"
    path.write_bytes(made.public_bytes(Encoding.DER))
    (item,) = of_lists(path, MOMENT)
    week = replace(item, ends=MOMENT + 7 * DAY, days_left=2)
    assert not week.soon
    assert replace(week, days_left=1).soon


def test_what_cannot_be_read_any_more_is_told(
    app_context: AppContext, settings: Settings
) -> None:
    """Without the path, which is nobody's business outside."""
    settings.trust_path.write_text("nothing of the kind")
    (warning,) = key_warnings(app_context)
    assert (warning.role, warning.ends) == (Role.AUTHORITY, None)
    assert "SIGNER_TRUST_FILE" in warning.problem
    assert str(settings.instance_path) not in warning.problem


def test_the_log_says_it_at_start(
    app_context: AppContext, frozen: Advance, caplog: pytest.LogCaptureFixture
) -> None:
    """The problem and what to do, once; the seal's own line is its key's."""
    app_context.seal_key()
    frozen(3 * YEAR - 30 * DAY)
    caplog.clear()
    log_key_warnings(app_context)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "list of revoked certificates" in record.getMessage()
    assert "signer keys crl" in record.getMessage()


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("SIGNER_TRUST_FILE", "trust_file"),
        ("SIGNER_CRL_FILE", "crl_file"),
        ("SIGNER_TSA_TRUST_FILE", "tsa_trust_file"),
    ],
)
@pytest.mark.parametrize("spoiled", ["gone", "letter", "folder"])
def test_a_file_that_cannot_be_used_stops_the_start(
    settings: Settings, frozen: object, key: str, name: str, spoiled: str
) -> None:
    """The setting is named, and the file."""
    path = settings.instance_path / "spoiled"
    if spoiled == "letter":
        path.write_text("Dear parents,")
    if spoiled == "folder":
        path.mkdir()
    changed: dict[str, Any] = {name: path}
    settings = replace(with_stamps(settings), **changed)
    with pytest.raises(SettingsError) as refused:
        check_key_files(settings)
    assert refused.value.key == key
    assert str(path) in refused.value.problem


def test_a_list_that_nothing_needs_may_be_missing(
    settings: Settings, frozen: object, app_context: AppContext
) -> None:
    """Without timestamps a school may run as before; with them it may not."""
    settings.crl_path.unlink()
    check_key_files(settings)
    assert roles(app_context) == []
    with pytest.raises(SettingsError, match="SIGNER_CRL_FILE"):
        check_key_files(with_stamps(settings))


def test_the_headteacher_hears_once_a_week(
    app_context: AppContext, post: Post, frozen: Advance
) -> None:
    """In plain words, with what to do, and for as long as it lasts."""
    assert not remind_of_keys(app_context)
    frozen(397 * DAY - 31 * DAY)
    queued = []
    for _ in range(14):
        queued.append(remind_of_keys(app_context))
        frozen(DAY)
    assert queued.count(True) in {2, 3}
    with app_context.sessions.reading() as session:
        occasions = session.scalars(select(Outbox.occasion)).all()
    assert occasions[0] == "alarm:keys:2027-W47"
    assert len(occasions) == queued.count(True)
    post.send()
    mail = post.mails()[0]
    assert mail["To"] == app_context.settings.head_email
    said = words(mail)
    assert "list of revoked certificates" in said
    assert "24 December 2027" in said
    assert "signer keys crl" in said
    assert "one every week" in said


def test_a_mail_on_its_way_is_dropped_once_it_is_mended(
    app_context: AppContext, post: Post, frozen: Advance, settings: Settings
) -> None:
    """Nobody is told to do what is done."""
    frozen(398 * DAY)
    assert remind_of_keys(app_context)
    settings.crl_path.unlink()
    assert post.send() == 0
    with app_context.sessions.reading() as session:
        assert session.scalars(select(Outbox.delivery)).one() is Delivery.DROPPED


def test_while_everything_holds_nothing_is_written(app_context: AppContext) -> None:
    """Looking is not writing."""
    before = snapshot(app_context)
    assert remind_of_keys(app_context) is False
    assert snapshot(app_context) == before


def test_a_missing_key_of_the_log_is_warned_of(
    app_context: AppContext, tmp_path: Path
) -> None:
    """It stops nothing, and is told until it is there."""
    missing = replace(app_context.settings, log_key_file=tmp_path / "none.p12")
    check_key_files(missing)
    (warning,) = key_warnings(changed(app_context, missing))
    assert (warning.role, warning.ends) == (Role.LOG, None)
    assert "receipts go without their proof" in warning.problem
    assert "signer keys log" in warning.what_to_do
