"""What is asked of the provider of the school's accounts, and what it answers.

Authorization code with PKCE, a state and a nonce (OpenID Connect Core 1.0 §3.1, RFC
7636), all kept in the browser's own cookie until it comes back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App
from authlib.integrations.flask_client.integration import FlaskIntegration
from flask import session as cookie
from joserfc.errors import JoseError
from requests import RequestException

from signer.config import Settings
from signer.errors import SignInRefused

log = logging.getLogger(__name__)

SECONDS = 5
"""How long the provider may take for one answer."""

_KEY = "desk_openid"
"""In the browser's cookie: what its answer must fit."""


def ask_provider(settings: Settings) -> str:
    """Where to send somebody who wants to sign in; the cookie knows of it afterwards.

    Raises:
        SignInRefused: the provider cannot be reached (``unreachable``).
    """
    with _faults():
        client = _client(settings)
        asked = client.create_authorization_url(_back(settings))
    # Only the newest: a cookie has no room for all.
    cookie[_KEY] = {name: asked[name] for name in ("state", "nonce", "code_verifier")}
    return str(asked["url"])


def claims_of_answer(settings: Settings, answer: Mapping[str, str]) -> dict[str, Any]:
    """What the provider says of whoever has come back from it.

    Args:
        settings: which name the provider.
        answer: what stands in the address that it sent the browser to.

    Raises:
        SignInRefused: it was not asked by this browser, or says no (``stopped``), or
            it cannot be reached (``unreachable``), or its answer is not well signed,
            for us, and new (``unproven``).
    """
    asked = cookie.pop(_KEY, None)
    if not asked or answer.get("state") != asked["state"] or "code" not in answer:
        raise SignInRefused("stopped")
    with _faults():
        client = _client(settings)
        token = client.fetch_access_token(
            _back(settings),
            code=answer["code"],
            state=asked["state"],
            code_verifier=asked["code_verifier"],
        )
        claims = client.parse_id_token(
            token,
            nonce=asked["nonce"],
            claims_options={
                "iss": {"essential": True, "value": settings.desk_openid},
                "aud": {"essential": True, "value": settings.desk_openid_client},
            },
        )
    if claims is None:
        raise SignInRefused("unproven")
    return dict(claims)


@contextmanager
def _faults() -> Iterator[None]:
    """Tell what a provider does wrong from what this program does wrong."""
    try:
        yield
    except RequestException as error:
        log.warning("the OpenID provider cannot be asked: %s", type(error).__name__)
        raise SignInRefused("unreachable") from error
    except (AuthlibBaseError, JoseError) as error:
        log.warning("the OpenID provider's answer is not taken: %s", error)
        raise SignInRefused("unproven") from error


@lru_cache(maxsize=4)
def _client(settings: Settings) -> FlaskOAuth2App:
    """The client of a provider, which it learns of once (OpenID Connect Discovery).

    Raises:
        SignInRefused: what stands at its address is somebody else's (``unproven``).
    """
    issuer = settings.desk_openid
    client = FlaskOAuth2App(
        FlaskIntegration("desk"),
        "desk",
        client_id=settings.desk_openid_client,
        client_secret=settings.desk_openid_secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )
    if client.load_server_metadata().get("issuer") != issuer:
        log.warning("the OpenID provider has another name than SIGNER_DESK_OPENID")
        raise SignInRefused("unproven")
    return client


def _back(settings: Settings) -> str:
    return f"{settings.base_url}/desk/sign-in/account/back"
