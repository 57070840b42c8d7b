"""The words of the alarms about the public log."""

from __future__ import annotations

from sqlalchemy.orm import Session

from signer.errors import KeyUnusable, SettingsError
from signer.workflows.context import AppContext
from signer.workflows.log.cosigning.standing import standings
from signer.workflows.log.sign_checkpoint import problem_of_log

_ASK = (
    "Ask the person who runs the service to run signer log check, and to read “The "
    "public log” in the operator's guide before anything is changed."
)


def broken_log(context: AppContext, session: Session, _: int) -> tuple[str, str] | None:
    """That the log is not signed any more; None where it can be."""
    try:
        problem = problem_of_log(context, session)
    except (KeyUnusable, SettingsError):
        # That is a matter for the warnings about keys.
        return None
    if problem is None:
        return None
    return (
        (
            "The public log of declarations has been changed, so the service has "
            f"stopped signing it. {problem}"
        ),
        (
            "Parents can still sign, and their declarations are sealed as usual. Their "
            f"receipts have no proof from the log until this is corrected. {_ASK}"
        ),
    )


def contradicted_log(
    _: AppContext, _session: Session, _number: int
) -> tuple[str, str] | None:
    """That somebody has shown a proof that today's log does not fit."""
    return (
        (
            "Someone has checked a declaration with its proof, and the proof "
            "contradicts today's log: it is signed with the log's own key, and the log "
            "no longer begins with the entries that it vouches for. Either the record "
            "was restored from an older backup, or entries were changed or removed."
        ),
        _ASK,
    )


def vanished_record(
    _: AppContext, _session: Session, _number: int
) -> tuple[str, str] | None:
    """That somebody has shown the proof of a declaration that the record has lost."""
    return (
        (
            "Someone has checked a declaration with its proof. The public log still "
            "has its entry, but the record no longer has the declaration, and no entry "
            "of the log says that it was deleted."
        ),
        (
            "The log itself is as it was, and is still signed. Ask the person who runs "
            "the service to run signer check, which lists what is missing, and to read "
            "“The public log” in the operator's guide before anything is changed."
        ),
    )


def lost_entry(
    _: AppContext, _session: Session, _number: int
) -> tuple[str, str] | None:
    """That somebody has shown a proof of an entry that a reopened log has lost."""
    return (
        (
            "Someone has checked a proof from before the public log was restarted. "
            "The proof is good, but today's log no longer has its entry, and nothing "
            "says that it was deleted. Entries can be lost where an older backup was "
            "restored. If that was not so, someone has removed it."
        ),
        (
            "Ask the person who runs the service which backup the log went on from, "
            "and whether a later one still has the declaration. The page asked the "
            "person who has the proof to keep it with the PDF, and to ask the office."
        ),
    )


def unproven_declaration(
    _: AppContext, _session: Session, _number: int
) -> tuple[str, str] | None:
    """That a yearly mail had to tell a parent that a declaration is not proved."""
    return (
        (
            "The yearly email to a parent had to say that one of their declarations is "
            "no longer in the public log or in the record, although the school did not "
            "delete it. The parent was asked to keep the PDF and its proof, and to ask "
            "the office."
        ),
        (
            "Ask the person who runs the service to run signer log check and signer "
            "check, which say what is missing, and to read “The public log” in the "
            "operator's guide before anything is changed."
        ),
    )


def witness_disagrees(
    context: AppContext, session: Session, _number: int
) -> tuple[str, str] | None:
    """That a witness holds a head that the log does not fit; None where none does."""
    found = [one for one in standings(session, context.settings) if one.contradicts]
    if not found:
        return None
    said = " ".join(f"{one.name} {one.problem}." for one in found)
    return (
        (
            "A witness of the public log does not cosign it any more, because today's "
            f"log is not the one it has seen. {said} Either the record was restored "
            "from an older backup, or entries were changed or removed."
        ),
        _ASK,
    )
