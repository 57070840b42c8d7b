"""What a request from outside looks like once it has arrived: token and report."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from signer.link_tokens import ClockSigner

PATH = "/doctor/arrival"
"""Among the paths that a site passes on to the service."""

LIVES = timedelta(hours=2)
"""Long enough that clocks which differ are found, and told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the service says of a request that came through the public address.

    Attributes:
        host: the Host header.
        forwarded_host: ``X-Forwarded-Host``, whole; None where there was none.
        forwarded_proto: ``X-Forwarded-Proto``; None where there was none.
        via: whether anything else tells of a proxy, such as ``Via``.
        scheme: that of the connection to the service.
        own: whether the host that counts is the service's.
        signature: what came of ``X-Nf-Sign``.
        signed_well: whether the request would have been let in by it.
        base_url: the public address in the settings of the service that answered.
    """

    host: str
    forwarded_host: str | None
    forwarded_proto: str | None
    via: bool
    scheme: str
    own: bool
    signature: str
    signed_well: bool
    base_url: str


def new_token(secret_keys: tuple[str, ...]) -> str:
    """Return a token that lets its holder ask what arrived, for `LIVES`."""
    return str(_serializer(secret_keys).dumps(secrets.token_urlsafe(12)))


def is_token(token: str, secret_keys: tuple[str, ...]) -> bool:
    """Return whether somebody with the service's secret made a token just now."""
    try:
        _serializer(secret_keys).loads(token, max_age=int(LIVES.total_seconds()))
    except BadData:
        return False
    return True


def _serializer(secret_keys: tuple[str, ...]) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        list(secret_keys), salt="signer doctor arrival", signer=ClockSigner
    )
