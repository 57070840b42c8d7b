"""What a service never starts with: it would give away what it is to keep."""

from __future__ import annotations

from signer.config.addresses import leaves_the_machine
from signer.config.settings import SECRET_CHARACTERS, Settings
from signer.errors import SettingsError

DIFFERENT_CHARACTERS = 8
"""Of 32 random hexadecimal digits, fewer differ once in tens of millions of times."""


_OPEN = "anybody would read every mail, with its link. Leave SIGNER_DEMO out"


def check_secrets(settings: Settings) -> None:
    """Refuse secrets that can keep nothing secret.

    Raises:
        SettingsError: there is none to sign with, or one is too short, or of few
            different characters.
    """
    if not settings.secret_keys:
        raise SettingsError(
            "SIGNER_SECRET_KEYS",
            "is missing: set one or more secrets of at least 32 random characters",
        )
    for key, secrets in (
        ("SIGNER_SECRET_KEYS", settings.secret_keys),
        ("SIGNER_PROXY_SECRET", (settings.proxy_secret,)),
        ("SIGNER_HEALTH_TOKEN", (settings.health_token,)),
    ):
        for secret in filter(None, secrets):
            if len(secret) < SECRET_CHARACTERS:
                raise SettingsError(
                    key, f"holds a secret of fewer than {SECRET_CHARACTERS} characters"
                )
            if len(set(secret)) < DIFFERENT_CHARACTERS:
                raise SettingsError(
                    key,
                    f"holds a secret of fewer than {DIFFERENT_CHARACTERS} different "
                    "characters, which is soon guessed: let a machine make one",
                )


def check_safe_start(settings: Settings) -> None:
    """Refuse to serve where links, or mails, would lie open or reach nobody.

    Raises:
        SettingsError: the demo is on where others than this machine reach it, an
            address has no encryption, or there is no mail server.
    """
    if settings.demo:
        _check_demo(settings)
    for key, address in (
        ("SIGNER_BASE_URL", settings.base_url),
        ("SIGNER_ORIGIN", settings.origin),
    ):
        if address.startswith("http://") and leaves_the_machine(address):
            raise SettingsError(
                key,
                "begins with http://, so that links and answers would travel open to "
                "everybody on the way: give it a certificate, and write https://",
            )
    if not (settings.mail_url or settings.demo):
        raise SettingsError(
            "SIGNER_MAIL_URL",
            "is missing, so that no mail would reach anybody: name the outgoing mail "
            "server, or folder:PATH to try without one",
        )


def check_bind(settings: Settings, bind: str) -> None:
    """Refuse to serve a demo where other machines connect.

    Args:
        settings: the settings.
        bind: where the service listens, as ``HOST:PORT``.

    Raises:
        SettingsError: it is a demo, and others reach it there.
    """
    # A false Host header would do to read it, whatever SIGNER_BASE_URL says.
    if settings.demo and leaves_the_machine(f"//{bind}"):
        raise SettingsError("SIGNER_DEMO", f"is on, and others reach {bind}: {_OPEN}")


def _check_demo(settings: Settings) -> None:
    for key, address in (
        ("SIGNER_BASE_URL", settings.base_url),
        ("SIGNER_ORIGIN", settings.origin),
    ):
        if address and leaves_the_machine(address):
            raise SettingsError(
                "SIGNER_DEMO", f"is on, and others reach {key}: {_OPEN}"
            )
    if settings.proxy_hops or settings.proxy_secret:
        raise SettingsError(
            "SIGNER_DEMO", f"is on, and a proxy passes requests on: {_OPEN}"
        )
