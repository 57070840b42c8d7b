"""When a seal was made, as far as others confirm it, and whether it held then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from cryptography.x509 import Certificate, CertificateRevocationList

from signer import clock
from signer.declaration.verify.checks.signature import Signed
from signer.declaration.verify.report import ASK_THE_AUTHORITY
from signer.errors import CheckFailed, InDoubt, NotChecked
from signer.pki.certificates import common_name
from signer.pki.revocation import standing
from signer.pki.timestamp_tokens import CLOCKS_APART

# The clocks of two machines need not agree to the minute.
AHEAD = timedelta(hours=1)

CLOCKS = (
    "A clock was wrong: where it was made, or on the computer that checks it. Check it "
    "again after that time."
)


def check_time(signed: Signed, now: datetime) -> str:
    """Compare the time that a seal states with its timestamp.

    Args:
        signed: the seal.
        now: the time of the check.

    Returns:
        The sentence that says what was found.

    Raises:
        CheckFailed: the timestamp is not one to be believed, or says another time.
        InDoubt: it states a time that has not come yet.
        NotChecked: there is none, or nobody who is trusted made it.
    """
    found = signed.timestamp
    if found is None:
        raise NotChecked(_unconfirmed(signed, now))
    name = common_name(found.certificate.subject)
    when = clock.in_school_time(found.at)
    if not found.holds:
        raise CheckFailed("The timestamp was not made over this seal, or was altered.")
    if not found.known:
        raise NotChecked(
            f"It has a timestamp of {when} from “{name}”, but no certificate that you "
            f"trust confirms it. {ASK_THE_AUTHORITY}"
        )
    if not found.trusted:
        raise CheckFailed(
            f"The certificate of the timestamp authority “{name}” did not hold on "
            f"{when}, was revoked, or is not one for timestamps."
        )
    if found.at > now + AHEAD:
        raise InDoubt(
            f"The timestamp states a time that has not come yet: {when}. {CLOCKS}"
        )
    if abs(found.at - signed.stated) > CLOCKS_APART:
        raise CheckFailed(
            f"The seal states {clock.in_school_time(signed.stated)}, but its timestamp "
            f"is of {when}."
        )
    return f"“{name}”, which you trust, confirms that it was sealed by {when}."


def check_revocation(signed: Signed, lists: Sequence[CertificateRevocationList]) -> str:
    """Look up whether the seal's certificate was revoked before it was used.

    Args:
        signed: the seal.
        lists: revocation lists, besides those that the seal covers.

    Returns:
        The sentence that says what was found.

    Raises:
        CheckFailed: it was revoked by then.
        InDoubt: it was revoked since, and nothing confirms that the seal is older.
        NotChecked: no list given covers that time.
    """
    if not signed.known:
        raise NotChecked(
            "The signer is not known, so no list of revoked certificates covers it."
        )
    if len(signed.chain) == 1:
        raise NotChecked(
            "You trust the seal's certificate itself, which no list covers."
        )
    told = [
        _told(signed, certificate, issuer, (*signed.lists, *lists))
        for certificate, issuer in pairwise(signed.chain)
    ]
    return " ".join(dict.fromkeys(told))


def _told(
    signed: Signed,
    certificate: Certificate,
    issuer: Certificate,
    lists: Sequence[CertificateRevocationList],
) -> str:
    name = common_name(certificate.subject)
    found = standing(certificate, issuer, lists)
    if found is None:
        raise NotChecked(
            "There is no list here of the certificates that "
            f"“{common_name(issuer.subject)}” has revoked."
        )
    made = clock.in_school_time(signed.at)
    if found.revoked is not None:
        since = clock.in_school_time(found.revoked)
        if found.revoked <= signed.at:
            raise CheckFailed(
                f"The certificate of “{name}” was revoked on {since}, before the seal "
                f"was made ({made})."
            )
        if signed.confirmed is None:
            raise InDoubt(
                f"The certificate of “{name}” was revoked on {since}. The seal states "
                "an earlier time, but no timestamp that you trust confirms it. Ask the "
                "school whether its record holds this very file."
            )
        return (
            f"The certificate of “{name}” was revoked on {since}, after this seal was "
            "made."
        )
    if found.until < signed.at:
        raise NotChecked(
            f"The newest list here that covers “{name}” had expired by {made}."
        )
    return (
        f"The certificate of “{name}” was not revoked, according to the list of "
        f"{clock.in_school_time(found.as_of)}."
    )


def _unconfirmed(signed: Signed, now: datetime) -> str:
    sentence = "It has no timestamp, so nobody else confirms the time in the seal."
    ended = signed.certificate.not_valid_after_utc
    if ended >= now:
        return sentence
    return (
        f"{sentence} Its certificate ended on {clock.in_school_time(ended)}, and "
        "nothing from outside shows that the seal is older than that."
    )
