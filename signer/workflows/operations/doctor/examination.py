"""Every check in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.errors import SettingsError
from signer.workflows.operations.doctor.local_files import check_files
from signer.workflows.operations.doctor.mail_server import check_mail_server
from signer.workflows.operations.doctor.outcomes import Check, problem
from signer.workflows.operations.doctor.public_address import check_public_address
from signer.workflows.operations.doctor.public_site import check_site
from signer.workflows.operations.doctor.records import check_records
from signer.workflows.operations.doctor.setting_checks import check_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signer.config import Settings


def examine_all(settings: Settings, mail_to: str | None = None) -> Iterator[Check]:
    """Make every check, and give each as it ends.

    None of them changes a record. One that cannot be made keeps none of the others
    from being made.

    Args:
        settings: the operator's settings.
        mail_to: who gets a test mail; None for nobody.
    """
    yield from check_settings(settings)
    try:
        settings.require_secrets()
    except SettingsError as error:
        yield problem(
            "secrets", f"{error.key} {error.problem}.", "The service does not start."
        )
    else:
        yield from check_public_address(settings)
    yield check_site(settings)
    yield from check_mail_server(settings, mail_to)
    yield from check_files(settings)
    yield from check_records(settings)
