"""Which host a request came to, and the one that every address is made from.

A request arrives under one of two names: the public one, which parents see, or the
service's own, which a proxy such as Netlify's puts into ``Host`` when it passes the
request on. Some proxies tell the public one in ``X-Forwarded-Host`` and some do not,
so nothing is made from either: the scheme and the host of the base URL take their
place before Flask sees the request.

Flask's ``TRUSTED_HOSTS`` does not fit. It overlooks the port, knows no route that may
be asked at any host, and does not tell which host came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from signer.config import Settings
from signer.config.addresses import DEFAULT_PORTS, LOOPBACK

LONGEST_SHOWN = 80
"""Characters of a foreign host that a page and the log repeat."""

_KEY = "signer.request_host"
_NOT_OF_A_HOST = re.compile(r"[^A-Za-z0-9._:\[\]-]")


@dataclass(frozen=True, slots=True)
class RequestHost:
    """How a request arrived, before the base URL took the place of its host.

    Attributes:
        host: what the ``Host`` header said.
        forwarded: the host that a trusted proxy named; None where it named none, or
            no proxy is trusted.
        scheme: ``http`` or ``https``, as the connection to this process had it.
        own: whether the host that counts is the public one or the service's own.
    """

    host: str
    forwarded: str | None
    scheme: str
    own: bool

    @property
    def named(self) -> str:
        """The host that counts, fit to be shown: a forwarded one before ``Host``."""
        name = self.host if self.forwarded is None else self.forwarded
        return _NOT_OF_A_HOST.sub("?", name[:LONGEST_SHOWN]) or "(none)"


def own_origins(address: str) -> frozenset[str]:
    """Return the origins of an address, such as ``https://policies.example``.

    It is the one of the address; on a machine of one's own also its other names. A
    port that the scheme implies is left out, as browsers do.
    """
    scheme, netloc = _scheme_and_host(address)
    parts = urlsplit(f"{scheme}://{netloc}")
    if parts.hostname not in LOOPBACK:
        return frozenset({f"{scheme}://{netloc}"})
    port = f":{parts.port}" if parts.port else ""
    return frozenset(
        f"{scheme}://{f'[{name}]' if ':' in name else name}{port}" for name in LOOPBACK
    )


class OwnHost:
    """WSGI middleware: judges the host, then puts the base URL's in its place."""

    def __init__(self, app: WSGIApplication, settings: Settings) -> None:
        self._app = app
        self._hops = settings.proxy_hops
        self._scheme, self._host = _scheme_and_host(settings.base_url)
        self._names = {
            spelling: self._host
            for address in filter(None, (settings.origin, settings.base_url))
            for origin in own_origins(address)
            for spelling in _spellings(origin)
        }
        # A machine of one's own is asked by each of its names, and a browser keeps
        # the cookies of each apart.
        for origin in own_origins(settings.base_url):
            for spelling in _spellings(origin):
                self._names[spelling] = _scheme_and_host(origin)[1]

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Pass the request on under the public address."""
        host = environ.get("HTTP_HOST", "")
        forwarded = self._forwarded(environ.get("HTTP_X_FORWARDED_HOST", ""))
        name = (host if forwarded is None else forwarded).strip().lower()
        environ[_KEY] = RequestHost(
            host=host,
            forwarded=forwarded,
            scheme=environ.get("wsgi.url_scheme", ""),
            own=name in self._names,
        )
        environ["HTTP_HOST"] = self._names.get(name, self._host)
        environ["wsgi.url_scheme"] = self._scheme
        return self._app(environ, start_response)

    def _forwarded(self, header: str) -> str | None:
        """Return the host that the outermost trusted proxy wrote, or None."""
        hosts = [part.strip() for part in header.split(",")]
        if not self._hops or not header.strip() or len(hosts) < self._hops:
            return None
        return hosts[-self._hops]


def request_host(environ: WSGIEnvironment) -> RequestHost:
    """Return how a request arrived."""
    return cast("RequestHost", environ[_KEY])


def _scheme_and_host(address: str) -> tuple[str, str]:
    """Return an address's scheme, and its host as browsers send it."""
    parts = urlsplit(address)
    port = f":{DEFAULT_PORTS.get(parts.scheme)}"
    return parts.scheme, parts.netloc.lower().removesuffix(port)


def _spellings(origin: str) -> tuple[str, str]:
    """Return how an origin's host may be sent: some proxies write the port as well."""
    scheme, host = _scheme_and_host(origin)
    return host, f"{host}:{DEFAULT_PORTS[scheme]}"
