"""What a machine that watches over the service asks."""

from __future__ import annotations

import hmac
import re
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import asdict
from ipaddress import ip_address

from flask import Blueprint, Flask, abort, current_app, request
from flask.typing import ResponseReturnValue

from signer.web.operations import metrics as prometheus
from signer.web.overload.bounded import PATIENCE, Bounded
from signer.web.proxies.hosts import request_host
from signer.web.session import settings
from signer.workflows.operations.findings import Finding, Status, status_of
from signer.workflows.operations.readiness import database_finding, examine

blueprint = Blueprint("health", __name__)

_KEY = "bounded"
_OF_A_PROXY = re.compile(
    r"""forwarded | .*-forwarded(?:-.*)? | x-forwarded.* | via | cdn-loop
    | (?:.*-)?client-ip | (?:.*-)?real-ip | (?:.*-)?remote-(?:ip|addr)
    | (?:cf|fly|fastly|akamai|x-(?:nf|original|envoy|vercel|amzn?|amz-cf|arr|azure
    | appengine|cloud|proxy|cluster|coming-from|haproxy|varnish))-.*""",
    re.IGNORECASE | re.VERBOSE,
)
"""Names of headers that proxies put into a request that they pass on, by family."""

_LOOPBACK_HOST = re.compile(
    r"(?P<name>127\.0\.0\.1|localhost|\[::1\])(?::(?P<port>[0-9]{1,5}))?",
    re.IGNORECASE,
)
_LAST_PORT = 65535


def install(app: Flask) -> None:
    """Prepare the questions of this application."""
    context = app.extensions["context"]
    app.extensions[_KEY] = Bounded(lambda: examine(context))
    prometheus.install(app)


def private() -> None:
    """Answer with 404 unless this machine itself asks, or whoever has the token.

    Where a token is set, it alone counts: a proxy on this machine that adds no header
    looks like the machine itself.
    """
    token = settings().health_token
    if token:
        given = request.authorization
        sent = given.token if given and given.type == "bearer" else None
        if not hmac.compare_digest((sent or "").encode(), token.encode()):
            abort(404)
    elif (
        not _is_loopback(request.remote_addr)
        or any(_OF_A_PROXY.fullmatch(name) for name, _ in request.headers)
        or not _names_loopback(request_host(request.environ).host)
    ):
        abort(404)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "alive"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Everything that is wrong; 503 where something that parents depend on is broken.

    For whoever watches. A load balancer asks `/healthz`: what is wrong here is mostly
    wrong in every process, and taking all of them away helps nobody.
    """
    private()
    findings = _findings()
    status = status_of(findings)
    answer = {"status": status, "findings": [asdict(one) for one in findings]}
    return answer, 503 if status is Status.BROKEN else 200


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Every metric, for Prometheus."""
    private()
    return prometheus.metrics()


def _findings() -> tuple[Finding, ...]:
    bounded: Bounded[tuple[Finding, ...]] = current_app.extensions[_KEY]
    try:
        return bounded.ask(PATIENCE)
    except NotInTime:
        return (database_finding(f"no answer within {PATIENCE:.0f} seconds"),)


def _names_loopback(host: str) -> bool:
    """Whether a Host header names this machine; whatever is no host does not."""
    parts = _LOOPBACK_HOST.fullmatch(host)
    return parts is not None and int(parts["port"] or 0) <= _LAST_PORT


def _is_loopback(address: str | None) -> bool:
    try:
        peer = ip_address(address or "")
    except ValueError:
        return False
    return (getattr(peer, "ipv4_mapped", None) or peer).is_loopback
