"""A timestamp authority (RFC 3161): asked over HTTP, and never believed unchecked."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import algos, cms, core, tsp
from cryptography.x509 import Certificate

from signer import clock
from signer.errors import AuthorityChanged, SealError
from signer.pki.chains import chain_of
from signer.pki.http import exchange
from signer.pki.ocsp import ask_status
from signer.pki.timestamp_tokens import (
    CLOCKS_APART,
    RevocationData,
    certificates_in,
    maker_of,
    read_token,
    with_chain_alone,
)

MOST_SECONDS = 10.0
"""How long the authority may take for one answer."""

FRESH = timedelta(hours=1)
"""How long what was learned of revocations is used again, at most."""

_QUESTION = "application/timestamp-query"
_NONCE_BITS = 63
_DIGEST = "sha256"
_GRANTED = {"granted", "granted_with_mods"}


class _Answer(core.Sequence):  # type: ignore[misc] # asn1crypto ships no types
    """A TimeStampResp; the library's own wants a token in a refusal too."""

    _fields = [  # noqa: RUF012 - the library's own way
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of an authority from a token that it gave."""

    token: bytes
    """The token (DER): so long are its tokens."""
    chain: tuple[Certificate, ...]
    """From the certificate that makes its tokens to the root. Of the others that its
    tokens carry, nobody needs any."""
    revocation: RevocationData
    """That none of the chain was revoked."""
    until: datetime
    """How long that is relied on."""


class TimestampAuthority:
    """One authority, with what this process has learned of it.

    Args:
        url: where it answers.
        roots: the certificates that its tokens must lead to.
        seconds: how long it may take for one answer.
    """

    def __init__(
        self, url: str, roots: Sequence[Certificate], *, seconds: float = MOST_SECONDS
    ) -> None:
        self._url = url
        self._roots = tuple(roots)
        self._seconds = seconds
        self._measured: Measured | None = None
        self._earlier: dict[Certificate, Measured] = {}
        self._lock = threading.Lock()

    def measured(self) -> Measured:
        """What goes with the authority's tokens, learned from a real one.

        Raises:
            SealError: the authority, or one behind it, gives no usable answer.
        """
        with self._lock:
            if self._measured is None or self._measured.until <= clock.now():
                self._measured = self._measure()
            return self._measured

    def forget(self) -> None:
        """Measure anew the next time."""
        with self._lock:
            self._measured = None

    def timestamp(self, message: bytes, expected: Measured) -> cms.ContentInfo:
        """A token over a message, checked in full.

        Args:
            message: what to confirm the time of.
            expected: what goes with the token.

        Raises:
            AuthorityChanged: it does not fit what was expected.
            SealError: there is no answer, or one that must not be relied on.
        """
        token = self._ask(message)
        if maker_of(token) != expected.chain[0]:
            raise AuthorityChanged("the timestamp authority has a new certificate")
        token = with_chain_alone(token, expected.chain)
        found = read_token(
            token,
            message,
            roots=self._roots,
            revocation=expected.revocation,
            required=True,
        )
        if not found.holds:
            raise SealError("the timestamp is not one of what was sent, or is broken")
        if not found.trusted:
            raise SealError(
                "the timestamp authority's certificate has expired, is revoked, or "
                "is not one for timestamps"
            )
        if abs(found.at - clock.now()) > CLOCKS_APART:
            raise SealError(
                f"the timestamp says {clock.iso(found.at)}; the clock here "
                f"{clock.iso(clock.now())}"
            )
        return token

    def behind(self, token: cms.ContentInfo) -> Measured:
        """What shows today that an earlier token's maker was not revoked.

        Args:
            token: one that this authority made, or one before it.

        Raises:
            SealError: its authority, or one behind that, gives no usable answer.
        """
        maker = maker_of(token)
        with self._lock:
            known = self._earlier.get(maker)
            if known is None or known.until <= clock.now():
                known = self._earlier[maker] = self._learn(token)
            return known

    def _measure(self) -> Measured:
        return self._learn(self._ask(secrets.token_bytes(32)))

    def _learn(self, token: cms.ContentInfo) -> Measured:
        chain = chain_of(maker_of(token), certificates_in(token), self._roots)
        if not chain:
            raise SealError(
                "the timestamp authority's certificate does not lead to one in "
                "SIGNER_TSA_TRUST_FILE"
            )
        revocation, until = ask_status(chain, seconds=self._seconds)
        return Measured(
            token=with_chain_alone(token, chain).dump(),
            chain=chain,
            revocation=revocation,
            until=min(until, clock.now() + FRESH),
        )

    def _ask(self, message: bytes) -> cms.ContentInfo:
        digest = hashlib.sha256(message).digest()
        nonce = secrets.randbits(_NONCE_BITS) | 1 << _NONCE_BITS - 1
        question = tsp.TimeStampReq(
            {
                "version": 1,
                "message_imprint": {
                    "hash_algorithm": algos.DigestAlgorithm({"algorithm": _DIGEST}),
                    "hashed_message": digest,
                },
                "nonce": nonce,
                "cert_req": True,
            }
        )
        raw = exchange(
            self._url, seconds=self._seconds, body=question.dump(), kind=_QUESTION
        )
        try:
            answer = _Answer.load(raw, strict=True)
            status = answer["status"]["status"].native
            if status not in _GRANTED:
                raise SealError(f"the timestamp authority refuses: {status}")
            token = answer["time_stamp_token"]
            told = token["content"]["encap_content_info"]["content"].parsed
            returned = told["nonce"].native
            imprint = told["message_imprint"]["hashed_message"].native
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SealError("the timestamp authority answers no timestamp") from error
        if returned != nonce:
            raise SealError("the timestamp answers another question: wrong nonce")
        if imprint != digest:
            raise SealError("the timestamp is of something else: wrong imprint")
        return token
