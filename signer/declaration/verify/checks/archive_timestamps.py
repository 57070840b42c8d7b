"""The timestamps of an archive copy: each made over it, in order, by one that held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import Certificate

from signer import clock
from signer.declaration.verify.checks.archive_copy import ArchiveCopy
from signer.declaration.verify.checks.document import MALFORMED
from signer.declaration.verify.checks.seal_time import AHEAD, CLOCKS
from signer.declaration.verify.checks.validation_data import validation_data
from signer.declaration.verify.report import ASK_THE_AUTHORITY
from signer.errors import CheckFailed, InDoubt, NotChecked, SealError
from signer.pki.certificates import common_name
from signer.pki.timestamp_tokens import Timestamp, read_token, time_of


@dataclass(frozen=True, slots=True)
class ArchiveTime:
    """How long an archive copy reaches."""

    sentence: str
    """What was found."""
    first: datetime
    """The time that its oldest timestamp confirms."""
    ends: datetime
    """When the certificate behind its newest timestamp ends."""


def check_archive_timestamps(
    copy: ArchiveCopy,
    roots: Sequence[Certificate],
    now: datetime,
    *,
    since: datetime | None = None,
) -> ArchiveTime:
    """Check each timestamp, at the time of the next one; the newest at its own.

    Args:
        copy: an archive copy.
        roots: the authorities to trust for timestamps.
        now: the time of the check.
        since: the time that the seal's own timestamp confirms, where it bears one.

    Raises:
        CheckFailed: one was not made over this copy, by an authority that held then, or
            the next one came too late for it.
        InDoubt: one states a time that has not come yet.
        NotChecked: nobody who is trusted made one of them.
    """
    revocation = validation_data(copy.reader).revocation
    try:
        times = [time_of(one.token) for one in copy.timestamps]
        found = [
            read_token(
                one.token,
                one.message,
                roots=roots,
                revocation=revocation,
                required=later is not None,
                still_at=later,
            )
            for one, later in zip(copy.timestamps, [*times[1:], None], strict=True)
        ]
    except (SealError, *MALFORMED) as error:
        raise CheckFailed(
            "What should be a timestamp of the archive copy is none."
        ) from error
    for place, one in enumerate(found):
        later = times[place + 1] if place + 1 < len(times) else None
        before = times[place - 1] if place else since
        _check_one(one, later=later, before=before, now=now)
    return ArchiveTime(_sentence(found, now), found[0].at, found[-1].ends)


def _check_one(
    found: Timestamp, *, later: datetime | None, before: datetime | None, now: datetime
) -> None:
    name = common_name(found.certificate.subject)
    when = clock.in_school_time(found.at)
    if not found.holds:
        raise CheckFailed(
            f"The archive copy's timestamp of {when} was not made over it, or was "
            "altered."
        )
    if not found.known:
        raise NotChecked(
            f"The archive copy has a timestamp of {when} from “{name}”, which no "
            f"certificate that you trust confirms. {ASK_THE_AUTHORITY}"
        )
    if before is not None and found.at < before - AHEAD:
        raise CheckFailed(
            f"The archive copy's timestamps are out of order: one of {when} is "
            f"behind one of {clock.in_school_time(before)}."
        )
    if not found.trusted:
        if later is None:
            raise CheckFailed(
                f"The certificate of the timestamp authority “{name}” did not hold on "
                f"{when}, was revoked, or is not one for timestamps."
            )
        raise CheckFailed(
            f"Nothing shows that the certificate of “{name}” behind the archive copy's "
            f"timestamp of {when} still held, and was not revoked, when the next one "
            f"was made on {clock.in_school_time(later)}."
        )
    if found.at > now + AHEAD:
        raise InDoubt(
            f"A timestamp of the archive copy states a time that has not come yet: "
            f"{when}. {CLOCKS}"
        )


def _sentence(found: Sequence[Timestamp], now: datetime) -> str:
    newest = found[-1]
    name = common_name(newest.certificate.subject)
    count = "1 timestamp" if len(found) == 1 else f"{len(found)} timestamps"
    ends = clock.in_school_time(newest.ends)
    sentence = (
        f"It is an archive copy with {count}, the newest by “{name}” on "
        f"{clock.in_school_time(newest.at)}"
    )
    if newest.ends < now:
        return (
            f"{sentence}. The certificate behind that one ended on {ends}, and nothing "
            "newer shows that the copy is older than that."
        )
    return f"{sentence}, whose certificate holds until {ends}."
