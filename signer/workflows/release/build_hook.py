"""Calling the host's build hook, whose address is a secret."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException, responses
from urllib.parse import urlsplit

from signer.errors import HookRefused
from signer.http.time_limit import TimeIsUp, is_of_time, within

HOOK_SECONDS = 10.0
"""How long the host may take for its whole answer."""


def call_build_hook(address: str) -> str:
    """Ask the host to build the site anew; gives its answer in words.

    As Netlify's hooks want it: a POST. A redirect is an answer, and is not followed.

    Args:
        address: the hook's, of which no more than the host is ever told.

    Raises:
        HookRefused: no answer came in time, or it was no yes.
    """
    host = urlsplit(address).hostname or ""
    try:
        answer = within(HOOK_SECONDS, lambda: _ask(address))
    except TimeIsUp:
        raise HookRefused(
            f"{host} did not answer within {HOOK_SECONDS:.0f} seconds. It may have "
            "heard the call all the same."
        ) from None
    if isinstance(answer, str):
        raise HookRefused(f"{host} could not be reached ({answer}).")
    words = f"{host} answered {answer} {responses.get(answer, '')}".strip()
    if not 200 <= answer < 300:  # noqa: PLR2004 - success, RFC 9110 §15.3
        raise HookRefused(f"{words}, which is not a yes.")
    return f"{words}."


def _ask(address: str) -> int | str:
    """The status of the answer, or why there is none."""
    request = urllib.request.Request(  # noqa: S310 - looked at with the settings
        address,
        data=b"{}",
        headers={"User-Agent": "signer", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirects).open(
            request, timeout=HOOK_SECONDS
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except (urllib.error.URLError, OSError) as error:
        if is_of_time(error):
            raise
        reason = getattr(error, "reason", None) or error
        return getattr(reason, "strerror", None) or type(reason).__name__
    except (HTTPException, ValueError) as error:
        # Without its words, which may repeat the address.
        return type(error).__name__


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing: the address is not for others."""
