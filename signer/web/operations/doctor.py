"""The address by which ``signer doctor`` sees what arrives through the public one.

It tells strangers nothing: without a token that was made with the service's own secret
there is no such page.
"""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from signer.web.proxies.hosts import request_host
from signer.web.proxies.signature import HEADER, Signature, check_signature
from signer.web.session import settings
from signer.workflows.operations.doctor.arrival import PATH, Arrival, is_token

blueprint = Blueprint("doctor", __name__)

_OF_PROXIES = ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP")
LONGEST = 200
"""Characters of a header that are told."""


@blueprint.get(PATH)
def arrived() -> ResponseReturnValue:
    """Say how this request arrived, to whoever holds a fresh token."""
    given = request.authorization
    token = given.token if given and given.type == "bearer" else None
    if not token or not is_token(token, settings().secret_keys):
        abort(404)
    came = request_host(request.environ)
    signature = check_signature(
        request.headers.get(HEADER, ""), settings().proxy_secret
    )
    return asdict(
        Arrival(
            host=came.host[:LONGEST],
            forwarded_host=_header("X-Forwarded-Host"),
            forwarded_proto=_header("X-Forwarded-Proto"),
            via=any(name in request.headers for name in _OF_PROXIES),
            scheme=came.scheme,
            own=came.own,
            signature=signature,
            signed_well=signature in {Signature.NOT_ASKED, Signature.VALID},
            base_url=settings().base_url,
        )
    )


def _header(name: str) -> str | None:
    value = request.headers.get(name)
    return None if value is None else value[:LONGEST]
