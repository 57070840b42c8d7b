"""The witnesses that the settings name: where each takes heads, and its key."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from signer.config import Settings
from signer.domain_names import ascii_domain
from signer.errors import NoteRefused, SettingsError
from signer.ledger.cosignatures import WitnessKey

KEY = "SIGNER_WITNESS_SERVERS"
_QUORUM = "SIGNER_WITNESS_QUORUM"
_PORTS = {"https": 443, "http": 80}
_CALL = "add-checkpoint"


@dataclass(frozen=True, slots=True)
class WitnessServer:
    """A witness that cosigns heads.

    Attributes:
        https: whether it is asked over an encrypted connection. What goes to and fro is
            public, and signed.
        host: its host, as servers are asked for it.
        port: its port.
        path: what is posted to.
        key: what it signs with.
    """

    https: bool
    host: str
    port: int
    path: str
    key: WitnessKey


def witness_servers(settings: Settings) -> tuple[WitnessServer, ...]:
    """The witnesses of the settings, each read.

    Raises:
        SettingsError: one is no address with a key behind it, or one is named twice, or
            fewer are named than have to cosign.
    """
    found = tuple(map(_server, settings.witness_servers))
    for same in ({one.key.name for one in found}, {one.key.key for one in found}):
        if len(same) < len(found):
            raise SettingsError(KEY, "names a witness twice")
    if settings.witness_quorum > len(found):
        raise SettingsError(
            _QUORUM, f"must be at most as many as {KEY} names, which is {len(found)}"
        )
    return found


def witness_keys(settings: Settings) -> tuple[WitnessKey, ...]:
    """The keys of those witnesses; Raises as above."""
    return tuple(one.key for one in witness_servers(settings))


def _server(given: str) -> WitnessServer:
    address, _, line = given.partition(" ")
    place = urlsplit(address)
    try:
        host, port = ascii_domain(place.hostname or ""), place.port
    except ValueError as error:
        raise SettingsError(KEY, "holds what is no address on the web") from error
    if place.scheme not in _PORTS or not host or place.username or place.query:
        raise SettingsError(
            KEY, "must be an address each, https://…, and its key behind a space"
        )
    try:
        key = WitnessKey.parse(line)
    except NoteRefused as error:
        raise SettingsError(
            KEY,
            "must have the witness's key behind each address, with a space between: "
            "its name, + and eight letters or digits, + and its public key",
        ) from error
    return WitnessServer(
        place.scheme == "https",
        host,
        port or _PORTS[place.scheme],
        f"{place.path.rstrip('/')}/{_CALL}",
        key,
    )
