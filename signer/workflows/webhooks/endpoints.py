"""The addresses that the settings name, with the secrets that sign what goes there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from signer.config import Settings
from signer.domain_names import ascii_domain
from signer.errors import SettingsError
from signer.workflows.webhooks.signature import read_secrets

KEY = "SIGNER_WEBHOOKS"
_MARK_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that is told of what happens.

    Attributes:
        mark: what stands for it in the database.
        https: whether it is encrypted.
        host: its name, as servers are asked for it.
        port: its port.
        path: what is asked for there, with the query.
        secrets: each signs, so that one can be replaced while the other is in use.
    """

    mark: str
    https: bool
    host: str
    port: int
    path: str
    secrets: tuple[bytes, ...] = field(repr=False)


def endpoints_of(settings: Settings) -> tuple[Endpoint, ...]:
    """The addresses of the settings, each read.

    Raises:
        SettingsError: one is no address with a secret behind it.
    """
    found = tuple(_endpoint(one, settings) for one in settings.webhooks)
    if len({one.mark for one in found}) < len(found):
        raise SettingsError(KEY, "names an address twice")
    return found


def _endpoint(given: str, settings: Settings) -> Endpoint:
    address, *secrets = given.split()
    place = urlsplit(address)
    schemes = {"https", "http"} if settings.webhooks_private else {"https"}
    try:
        host, port = ascii_domain(place.hostname or ""), place.port
    except ValueError as error:
        raise SettingsError(KEY, "holds what is no address on the web") from error
    if place.scheme not in schemes or not host or place.username is not None:
        raise SettingsError(
            KEY, "must be an address each, https://…, without a name or password in it"
        )
    if not secrets:
        raise SettingsError(
            KEY, "must have the secret behind each address, with a space between"
        )
    return Endpoint(
        hashlib.sha256(address.encode()).hexdigest()[:_MARK_CHARACTERS],
        place.scheme == "https",
        host,
        port or (443 if place.scheme == "https" else 80),
        (place.path or "/") + (f"?{place.query}" if place.query else ""),
        read_secrets(tuple(secrets), KEY),
    )
