"""What of keys and certificates ends soon, and telling of it in time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from signer import clock
from signer.config import Settings
from signer.errors import KeyUnusable, SettingsError
from signer.pki.certificates import fingerprint, read_certificates
from signer.pki.chains import chain_of
from signer.pki.expiry import Item, Role, of_certificate, of_lists, of_pem
from signer.policy.dates import date_in_words
from signer.school_calendar import school_date
from signer.workflows.context import AppContext

Read = Callable[[], list[Item]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeyWarning:
    """Something that ends soon, has ended, or cannot be read any more.

    Attributes:
        role: what it is for.
        ends: when it ends; None where it cannot be read.
        problem: what is the matter and what follows from it, in plain sentences.
        what_to_do: who can mend it, and how.
    """

    role: Role
    ends: datetime | None
    problem: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class _File:
    """A file that the settings name, and what it holds."""

    role: Role
    key: str
    path: Path
    needed: bool
    """Whether the settings name it, or ask for what needs it."""
    items: Read


def key_warnings(context: AppContext) -> tuple[KeyWarning, ...]:
    """What ends within 60 days, has ended or cannot be read, the seal first."""
    now = clock.now()
    found = []
    for role, key, read in _readers(context, now):
        try:
            items = read()
        except (KeyUnusable, SettingsError) as error:
            found.append(_unreadable(role, key, error.problem))
            continue
        in_use = _in_use(context, role, items)
        found += [_ending(context.settings, one) for one in in_use if one.soon]
    return (*found, *_log_key(context))


def check_key_files(settings: Settings) -> None:
    """Refuse to start where a certificate or list that is needed cannot be read.

    Raises:
        SettingsError: with the name of the setting.
    """
    for file in _files(settings, clock.now()):
        if not (file.needed or file.path.exists()):
            continue
        try:
            file.items()
        except KeyUnusable as error:
            problem = f"names a file that cannot be used: {error.path} {error.problem}"
            raise SettingsError(file.key, problem) from error


def log_key_warnings(context: AppContext) -> None:
    """Say at start what ends soon; of the seal, its key says so as it is read."""
    for one in key_warnings(context):
        if one.role is not Role.SEAL:
            _log.warning("%s %s", one.problem, one.what_to_do)


def _readers(context: AppContext, now: datetime) -> Iterator[tuple[Role, str, Read]]:
    settings = context.settings
    yield (
        Role.SEAL,
        "SIGNER_SEAL_FILE",
        lambda: [
            of_certificate(
                Role.SEAL, settings.seal_path, context.seal_key().certificate, now
            )
        ],
    )
    for file in _files(settings, now):
        if file.needed or file.path.exists():
            yield file.role, file.key, file.items


def _log_key(context: AppContext) -> Iterator[KeyWarning]:
    """That the log cannot be signed; it stops nothing, so that it is easily missed."""
    try:
        context.log_key()
    except (KeyUnusable, SettingsError) as error:
        yield KeyWarning(
            Role.LOG,
            None,
            f"The key of the public log (setting SIGNER_LOG_KEY_FILE) {error.problem}. "
            "Until it is there the log is not signed, and receipts go without their "
            "proof.",
            f"{_RUNS_IT} to make it with signer keys log, or to put its file back.",
        )


def _files(settings: Settings, now: datetime) -> Iterator[_File]:
    long_term = bool(settings.tsa_url)
    yield _File(
        Role.AUTHORITY,
        "SIGNER_TRUST_FILE",
        settings.trust_path,
        long_term or settings.trust_file is not None,
        lambda: of_pem(Role.AUTHORITY, settings.trust_path, now),
    )
    yield _File(
        Role.REVOCATION,
        "SIGNER_CRL_FILE",
        settings.crl_path,
        long_term or settings.crl_file is not None,
        lambda: of_lists(settings.crl_path, now),
    )
    if (stamps := settings.tsa_trust_file) is not None:
        yield _File(
            Role.TIMESTAMPS,
            "SIGNER_TSA_TRUST_FILE",
            stamps,
            True,
            lambda: of_pem(Role.TIMESTAMPS, stamps, now),
        )


def _in_use(context: AppContext, role: Role, items: list[Item]) -> list[Item]:
    """What counts of several certificates in a file: old ones stay in it for good."""
    if role is Role.TIMESTAMPS:
        # Which of its roots the authority will use, it alone knows.
        return [max(items, key=lambda one: one.ends)]
    if role is Role.AUTHORITY:
        with suppress(SettingsError, KeyUnusable):
            key = context.seal_key()
            roots = read_certificates(context.settings.trust_path)
            chain = set(map(fingerprint, chain_of(key.certificate, key.chain, roots)))
            return [one for one in items if one.sha256 in chain] or items
    return items


def _unreadable(role: Role, key: str, problem: str) -> KeyWarning:
    return KeyWarning(
        role,
        None,
        f"The file of the {role} (setting {key}) {problem}.",
        f"{_RUNS_IT} to put that file right, before anything is restarted.",
    )


def _ending(settings: Settings, item: Item) -> KeyWarning:
    day = date_in_words(school_date(item.ends).isoformat())
    left = f", {item.days_left} days from now" if item.days_left > 1 else ""
    when = f"ended on {day}" if item.days_left < 0 else f"ends on {day}{left}"
    what, follows, what_to_do = _WORDS[item.role]
    if item.role is Role.REVOCATION and settings.tsa_url:
        follows = _WAIT
    problem = f"{what.format(name=item.name)} {when}. {follows}"
    return KeyWarning(item.role, item.ends, problem, what_to_do)


_RUNS_IT = "Ask the person who runs the service"
_WAIT = "After that day declarations wait for their seal."

# What it is, what follows from its end, and what to do.
_WORDS = {
    Role.SEAL: (
        "The certificate of the school's seal",
        (
            "After that day nothing can be sealed with it: what parents sign is stored "
            "safely, and waits."
        ),
        (
            f"{_RUNS_IT} to make the next one with signer keys rotate, or to order it "
            "where the certificate was bought, and then to restart service and worker."
        ),
    ),
    Role.AUTHORITY: (
        "The authority's certificate that seals are traced back to ({name})",
        "After that day nothing new can be sealed under it.",
        (
            f"{_RUNS_IT} to make new keys and to publish their fingerprints. The old "
            "certificate stays published: what was sealed under it is checked with it."
        ),
    ),
    Role.REVOCATION: (
        "The list of revoked certificates ({name})",
        "After that day there is no valid list for checking declarations.",
        (
            f"{_RUNS_IT} to sign the next list with signer keys crl, and to put it on "
            "the server. For a certificate that was bought, its issuer has the list."
        ),
    ),
    Role.TIMESTAMPS: (
        "The root certificate of the timestamp authority ({name})",
        _WAIT,
        (
            f"{_RUNS_IT} to get the next root certificate from that authority, and to "
            "name it in SIGNER_TSA_TRUST_FILE."
        ),
    ),
}
