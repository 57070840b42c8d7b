"""The two ceremonies of WebAuthn: making a passkey, and signing in with one.

A challenge is signed and dated, so that nothing is stored for whoever only looks at the
way in.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from itsdangerous import BadSignature
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from signer.config import Settings
from signer.errors import PasskeyUnproven
from signer.link_tokens import ClockSigner

CHALLENGE_SECONDS = 600
"""How long somebody may take to touch their key."""

_SIGN_IN = "signer passkey sign-in"


@dataclass(frozen=True, slots=True)
class MadePasskey:
    """What an authenticator has made.

    Attributes:
        credential_id: what it calls the key.
        public_key: COSE.
        sign_count: how often it says that it has signed.
    """

    credential_id: bytes
    public_key: bytes
    sign_count: int


def passkeys_possible(settings: Settings) -> bool:
    """Whether browsers have passkeys for the public address.

    They have for a name over HTTPS, and for ``localhost``; for no number
    (Web Authentication §5.1.3).
    """
    host = _host(settings)
    try:
        ip_address(host)
    except ValueError:
        return settings.https or host == "localhost"
    return False


def enrolment_options(
    settings: Settings, ref: str, email: str, name: str, known: Sequence[bytes]
) -> str:
    """What a browser makes a passkey by, as JSON.

    Args:
        settings: what the operator has set.
        ref: of the account.
        email: its address, by which the browser lists the passkey.
        name: of its holder.
        known: the ids of the passkeys that it has.
    """
    excluded = [PublicKeyCredentialDescriptor(id=one) for one in known]
    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=_host(settings),
            rp_name=settings.school_name,
            user_id=ref.encode(),
            user_name=email,
            user_display_name=name,
            challenge=_challenge(settings, _enrolment(ref)),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=excluded,
        )
    )


def made_passkey(settings: Settings, ref: str, answer: str) -> MadePasskey:
    """The passkey that a browser has made for an account.

    Args:
        settings: what the operator has set.
        ref: of the account.
        answer: the browser's, as JSON.

    Raises:
        PasskeyUnproven: it is not to what was asked, or too old.
    """
    with _hostile():
        credential = parse_registration_credential_json(answer)
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_ours(
                settings, credential.response.client_data_json, _enrolment(ref)
            ),
            expected_rp_id=_host(settings),
            expected_origin=_origin(settings),
            require_user_verification=True,
        )
    return MadePasskey(made.credential_id, made.credential_public_key, made.sign_count)


def sign_in_options(settings: Settings) -> str:
    """What a browser asks a passkey for, as JSON: the same for everybody."""
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=_host(settings),
            challenge=_challenge(settings, _SIGN_IN),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


class SignInAnswer:
    """What a browser answers with somebody's passkey.

    Args:
        settings: what the operator has set.
        answer: the browser's, as JSON.

    Attributes:
        credential_id: what the authenticator calls the key.
        challenge: the one that is answered.

    Raises:
        PasskeyUnproven: no challenge of ours is answered, or it is too old.
    """

    def __init__(self, settings: Settings, answer: str) -> None:
        self._settings = settings
        with _hostile():
            self._credential: AuthenticationCredential = (
                parse_authentication_credential_json(answer)
            )
            self.challenge = _ours(
                settings, self._credential.response.client_data_json, _SIGN_IN
            )
        self.credential_id = self._credential.raw_id

    def check(self, public_key: bytes, sign_count: int) -> int:
        """Check the signature; gives the count of signatures that is told in it.

        Args:
            public_key: of the passkey, COSE.
            sign_count: the last one that it told. A lower one comes from a copy.

        Raises:
            PasskeyUnproven: it is not the passkey's.
        """
        with _hostile():
            proven = webauthn.verify_authentication_response(
                credential=self._credential,
                expected_challenge=self.challenge,
                expected_rp_id=_host(self._settings),
                expected_origin=_origin(self._settings),
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            )
        return proven.new_sign_count


@contextmanager
def _hostile() -> Iterator[None]:
    """Take whatever goes wrong with an answer for a wrong answer.

    The library lets some errors of JSON, base64 and CBOR through.
    """
    try:
        yield
    except (
        *(WebAuthnException, BadSignature, ValueError, TypeError),
        *(LookupError, RecursionError),
    ) as error:
        raise PasskeyUnproven(type(error).__name__) from error


def _challenge(settings: Settings, purpose: str) -> bytes:
    return _signer(settings, purpose).sign(secrets.token_urlsafe(16))


def _ours(settings: Settings, client_data: bytes, purpose: str) -> bytes:
    """The challenge that is answered, where it is ours, for this, and not too old.

    Raises:
        BadSignature: it is not.
    """
    challenge = parse_client_data_json(client_data).challenge
    _signer(settings, purpose).unsign(challenge, max_age=CHALLENGE_SECONDS)
    return challenge


def _enrolment(ref: str) -> str:
    return f"signer passkey of {ref}"


def _signer(settings: Settings, purpose: str) -> ClockSigner:
    return ClockSigner(
        list(settings.secret_keys), salt=purpose, digest_method=hashlib.sha256
    )


def _host(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or ""


def _origin(settings: Settings) -> str:
    address = urlsplit(settings.base_url)
    return f"{address.scheme}://{address.netloc}"
