"""What a machine that watches over the service asks."""

from __future__ import annotations

import hmac
from concurrent.futures import TimeoutError as NotInTime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, request

from signer.web import metrics as prometheus
from signer.web.bounded import PATIENCE, Bounded
from signer.web.hosts import LOOPBACK, request_host
from signer.web.visits import settings
from signer.workflows.operations.findings import Status, status_of
from signer.workflows.operations.readiness import database_finding, examine

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

    from signer.workflows.operations.findings import Finding

blueprint = Blueprint("health", __name__)

_KEY = "bounded"
_FORWARDED = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "X-Nf-Request-Id",
    "X-Nf-Sign",
)
"""What proxies put into a request that they pass on."""


def install(app: Flask) -> None:
    """Prepare the questions of this application."""
    context = app.extensions["house"]
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
        or any(name in request.headers for name in _FORWARDED)
        or urlsplit(f"//{request_host(request.environ).host}").hostname not in LOOPBACK
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
    answer = {
        "status": status,
        "findings": [
            {
                "kind": finding.kind,
                "severity": finding.severity,
                "problem": finding.problem,
                "what_to_do": finding.what_to_do,
            }
            for finding in findings
        ],
    }
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


def _is_loopback(address: str | None) -> bool:
    try:
        peer = ip_address(address or "")
    except ValueError:
        return False
    return (getattr(peer, "ipv4_mapped", None) or peer).is_loopback
