"""Netlify's signature of the requests that it passes on (``X-Nf-Sign``).

The header holds a JWT, signed with HS256 and a secret that both sides know. Netlify
documents the claims ``iss`` ("netlify"), ``exp``, ``site_url``, ``netlify_id`` and
``deploy_context``. It signs where a line of ``_redirects`` names the variable of the
secret, and each request anew.
"""

from __future__ import annotations

from enum import StrEnum

import jwt

HEADER = "X-Nf-Sign"
ISSUER = "netlify"
LEEWAY = 60
"""How far apart the clocks of both sides may be, in seconds."""

LONGEST = 4096
"""Characters of a header that are looked at."""

FOREIGN_CONTEXTS = frozenset({"deploy-preview", "branch-deploy"})
"""Builds of the site that are not the one that parents see."""


class Signature(StrEnum):
    """How a request's signature was found."""

    NOT_ASKED = "no signature is asked for"
    VALID = "the signature holds"
    MISSING = "there is no signature"
    EXPIRED = "the signature has expired"
    PREVIEW = "it was signed for a preview of the site"
    WRONG = "the signature does not hold"


def check_signature(header: str, secret: str) -> Signature:
    """Check the signature that a request carries.

    PyJWT compares the signatures themselves in constant time.

    Args:
        header: the value of ``X-Nf-Sign``; empty where there was none.
        secret: what both sides know; empty asks for no signature.
    """
    if not secret:
        return Signature.NOT_ASKED
    if not header:
        return Signature.MISSING
    try:
        claims = jwt.decode(
            header[:LONGEST],
            secret,
            # Named, so that a header cannot choose "none".
            algorithms=["HS256"],
            issuer=ISSUER,
            leeway=LEEWAY,
            # A clock that is behind Netlify's is no reason to shut the door.
            options={"require": ["exp", "iss"], "verify_iat": False},
        )
    except jwt.ExpiredSignatureError:
        return Signature.EXPIRED
    except jwt.InvalidTokenError:
        return Signature.WRONG
    if claims.get("deploy_context") in FOREIGN_CONTEXTS:
        return Signature.PREVIEW
    return Signature.VALID
