"""Every check in turn."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from signer.config import Settings
from signer.config.safe_start import check_secrets
from signer.errors import SettingsError
from signer.workflows.operations.doctor.isolation import check_isolation
from signer.workflows.operations.doctor.local_files import check_files
from signer.workflows.operations.doctor.mail_server import check_mail_server
from signer.workflows.operations.doctor.outcomes import Check, Outcome, problem
from signer.workflows.operations.doctor.public_address import check_public_address
from signer.workflows.operations.doctor.public_site import check_site
from signer.workflows.operations.doctor.records import check_records
from signer.workflows.operations.doctor.setting_checks import check_settings
from signer.workflows.operations.findings import FindingKind

_log = logging.getLogger(__name__)


def examine_all(settings: Settings, mail_to: str | None = None) -> Iterator[Check]:
    """Make every check, and give each as it ends.

    None of them changes a record. One that cannot be made keeps none of the others
    from being made.

    Args:
        settings: the operator's settings.
        mail_to: who gets a test mail; None for nobody.
    """
    yield from _guarded("settings", lambda: check_settings(settings))
    try:
        check_secrets(settings)
    except SettingsError as error:
        yield problem(
            "secrets", f"{error.key} {error.problem}.", "The service does not start."
        )
    else:
        yield from _guarded("public address", lambda: check_public_address(settings))
    yield from _guarded("site's version", lambda: (check_site(settings),))
    mail = tuple(_guarded("mail server", lambda: check_mail_server(settings, mail_to)))
    yield from mail
    files = tuple(_guarded("keys", lambda: check_files(settings)))
    yield from files
    yield from _guarded("examining files", lambda: (check_isolation(),))
    # What this command sees itself counts, whatever the service has noted.
    troubled = {
        *((FindingKind.MAIL,) if _any_wrong(mail) else ()),
        *((FindingKind.KEYS, FindingKind.DISK) if _any_wrong(files) else ()),
    }
    yield from _guarded("records", lambda: check_records(settings, troubled))


def _any_wrong(checks: Iterable[Check]) -> bool:
    return any(one.outcome in {Outcome.PROBLEM, Outcome.WARNING} for one in checks)


def _guarded(about: str, checks: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """Give the outcomes of a check; one that fails itself is a problem too."""
    try:
        yield from checks()
    except Exception as error:  # noqa: BLE001 - the other checks are made all the same
        _log.debug("the check of %s failed", about, exc_info=True)
        yield problem(
            about,
            f"The check could not be finished ({type(error).__name__}).",
            "Look at what it is about by hand, and report it: the check has a fault.",
        )
