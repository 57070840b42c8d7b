"""Posting to an address, with limits on time, on size and on where it leads."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping

from signer.errors import WebhookFailed
from signer.http.request import NoAnswer, post_to
from signer.workflows.webhooks.endpoints import Endpoint

SECONDS = 15.0
"""How long one try may take, however slowly the answer drips."""

LARGEST = 16 * 1024
"""Bytes of an answer that are read: nobody looks at what they say."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GOOD = range(200, 300)
_REDIRECTS = range(300, 400)


def post(
    endpoint: Endpoint, body: bytes, headers: Mapping[str, str], *, private: bool
) -> None:
    """Post a body; a redirect is a failure, and is not followed.

    Args:
        endpoint: where.
        body: what.
        headers: those of the message.
        private: whether it may go to addresses that are not public.

    Raises:
        WebhookFailed: it was not taken, or not in time.
    """
    try:
        found = post_to(
            _connection(endpoint, private=private),
            endpoint.path,
            body,
            {"Content-Type": "application/json", **headers},
            seconds=SECONDS,
            largest=LARGEST,
        ).status
    except NoAnswer as error:
        raise WebhookFailed(str(error)) from error
    if found in _REDIRECTS:
        raise WebhookFailed(f"a redirect ({found}), which is not followed", found)
    if found not in _GOOD:
        raise WebhookFailed(f"the answer was {found}", found)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, however it is wrapped."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        elif found.sixtofour is not None or found.teredo is not None:
            # These lead through others to any address.
            return False
    return found.is_global and not found.is_multicast


def _connection(endpoint: Endpoint, *, private: bool) -> http.client.HTTPConnection:
    def connect(
        address: tuple[str, int], timeout: float | None = None, *_: object, **__: object
    ) -> socket.socket:
        return _connect(*address, timeout=timeout, private=private)

    if endpoint.https:
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            endpoint.host,
            endpoint.port,
            timeout=SECONDS,
            context=ssl.create_default_context(),
        )
    else:
        connection = http.client.HTTPConnection(
            endpoint.host, endpoint.port, timeout=SECONDS
        )
    # The one place where it opens a socket: what was checked is what is connected to.
    connection._create_connection = connect  # type: ignore[attr-defined] # noqa: SLF001
    return connection


def _connect(
    host: str, port: int, *, timeout: float | None, private: bool
) -> socket.socket:
    """Connect to an address that the name leads to now, once each is looked at."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not private and not all(is_public(str(entry[4][0])) for entry in found):
        raise WebhookFailed("the name leads to an address that is not public")
    failure: OSError | None = None
    for family, kind, protocol, _, place in found:
        connected = socket.socket(family, kind, protocol)
        try:
            connected.settimeout(timeout)
            connected.connect(place)
        except OSError as error:
            connected.close()
            failure = error
        else:
            return connected
    raise failure or OSError("the name leads nowhere")
