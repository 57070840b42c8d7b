"""The words of the alarm about a log that is not signed any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.errors import KeyUnusable, SettingsError
from signer.workflows.log.sign_checkpoint import problem_of_log

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.workflows.context import AppContext


def log_alarm(context: AppContext, session: Session) -> tuple[str, str] | None:
    """Problem and remedy for the mail; None once the log can be signed again."""
    try:
        problem = problem_of_log(context, session)
    except (KeyUnusable, SettingsError):
        # That is a matter for the warnings about keys.
        return None
    if problem is None:
        return None
    return (
        (
            "The public log of declarations is not what it was, so the service has "
            f"stopped signing it. {problem}"
        ),
        (
            "Parents can go on signing, and their declarations are sealed as always. "
            "Their receipts come without the proof from the log until this is put "
            "right. Ask whoever runs the service to run signer log check, and to read "
            "“The public log” in the operator's guide before anything is changed."
        ),
    )
