"""Which network a request comes from, as far as that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

_OF_A_HOUSEHOLD = 64
"""Bits of an IPv6 address that a provider gives away together (RFC 6177)."""


def client_network(environ: Mapping[str, Any], hops: int) -> str | None:
    """Return the public address that a request comes from; of IPv6, its /64.

    Behind proxies it is what the outermost trusted one added to ``X-Forwarded-For``:
    whatever stands further left, the client may have written. None where that is no
    public address: a proxy that nobody told us of, the school's own network, this
    machine, a socket in the file system. All who come by it would count as one.

    Args:
        environ: the WSGI environment, or the part of it that is in a request's head.
        hops: how many proxies in front are trusted.
    """
    chain = [environ.get("REMOTE_ADDR", "")]
    if hops:
        chain = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(chain) < hops:
        return None
    try:
        address = ip_address(chain[-hops or -1].strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if not address.is_global:
        return None
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), _OF_A_HOUSEHOLD), strict=False))
    return str(address)
