"""Public addresses of the service, in the one spelling that browsers send."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from signer.domain_names import ascii_domain
from signer.errors import SettingsError

DEFAULT_PORTS = {"http": 80, "https": 443}

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The hosts by which a machine reaches itself alone."""

LIST_PATH = "/keys/ca.crl"
"""Where the service publishes the revocation list of the authority behind the seal."""

_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
"""More than DNS allows for a host name: a container's name may hold ``_``."""


def public_address(key: str, raw: str) -> str:
    """Return an address as browsers spell it: scheme, host and at most a port.

    A browser sends the host in small letters, an international one by its A-labels
    (IDNA 2008, RFC 5891), and leaves out the scheme's own port (RFC 6454 §4).

    Args:
        key: the setting, for what is said of an address that is none.
        raw: the address as the operator wrote it.

    Raises:
        SettingsError: it is no such address, or its host is no name.
    """
    try:
        parts = urlsplit(raw)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if (
        not host
        or parts.scheme not in DEFAULT_PORTS
        or raw.partition("://")[2] != parts.netloc
        or any(character.isspace() or character == "@" for character in parts.netloc)
    ):
        raise SettingsError(key, "must be https://… with a host and nothing after it")
    shown = "" if port in {None, DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{_spelt(key, host)}{shown}"


def leaves_the_machine(address: str) -> bool:
    """Whether others than this machine can be reached at an address."""
    return urlsplit(address).hostname not in LOOPBACK


def _spelt(key: str, host: str) -> str:
    """Return a host as it stands in the Host header, an IPv6 one in brackets."""
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError:
            raise SettingsError(key, f"has no host: [{host}] is no address") from None
    host = host.removesuffix(".")
    try:
        host = ascii_domain(host)
    except ValueError as error:
        raise SettingsError(
            key, f"has a host that is no domain name ({error})"
        ) from None
    if not _HOST.fullmatch(host) or ".." in host:
        raise SettingsError(key, "has a host that is no domain name")
    return host


def check_build_hook(address: str) -> None:
    """Refuse the address of a build hook that is not HTTPS or on this machine.

    Raises:
        SettingsError: it is neither; the address, which is a secret, is not repeated.
    """
    if not address:
        return
    fit = re.fullmatch(
        r"(?:https://[^\s/@]+|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?)/\S*",
        address,
        re.ASCII,
    )
    try:
        urlsplit(address).port  # noqa: B018 - it raises where it is none
    except ValueError:
        fit = None
    if not fit or not address.isascii():
        raise SettingsError(
            "SIGNER_BUILD_HOOK",
            "must be https://… of a build hook, or http:// on this machine itself",
        )


def telephone_address(phone: str) -> str:
    """A telephone number as a ``tel:`` address (RFC 3966), if there is one."""
    # The zero in +44 (0)20 is for those who dial within the country.
    dialled = phone.replace("(0)", "")
    digits = "".join(one for one in dialled if one in "+0123456789")
    return f"tel:{digits}" if digits else ""
