"""The public address, asked from outside as a parent's browser would."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from signer import clock
from signer.config import Settings
from signer.i18n import counted
from signer.workflows.operations.doctor.arrival import PATH, Arrival, new_token
from signer.workflows.operations.doctor.http import TIMEOUT, Answer, Unreachable, fetch
from signer.workflows.operations.doctor.outcomes import (
    Check,
    not_checked,
    ok,
    problem,
    warning,
)

CERTIFICATE_ENDS_SOON = timedelta(days=21)
"""Authorities that renew by themselves do so 30 days before the end."""
CLOCKS_DIFFER = timedelta(minutes=2)
CLOCKS_DIFFER_MUCH = timedelta(hours=1)
"""From here on the order of what happened is doubtful, and timestamps disagree."""

_OK = 200
_NOT_FOUND = 404
_FORBIDDEN = 403
_REDIRECTS = range(300, 400)
_DIFFERENT_CLOCK = "Set the clock by a time server (NTP), on this machine and that one."


def check_public_address(settings: Settings) -> Iterator[Check]:
    """Ask the public address: name, certificate, what arrives, clock, back door."""
    yield (name := _name(settings))
    if settings.https:
        yield _certificate(settings)
    token = new_token(settings.secret_keys) if settings.secret_keys else ""
    try:
        answer = fetch(settings.base_url + PATH, {"Authorization": f"Bearer {token}"})
    except Unreachable as error:
        yield problem(
            "public address",
            f"{settings.base_url} gives no answer ({error.reason}).",
            "Look at the name, the certificate and the proxy first. From some networks "
            "their own public address cannot be reached: run this elsewhere then."
            if name.outcome == "ok"
            else "Let the name lead to the site first.",
        )
        return
    yield from _arrival(settings, answer)
    yield clock_check("clock of the public address", date_of(answer))
    yield _back_door(settings)


def clock_check(about: str, theirs: datetime | None) -> Check:
    """Compare another machine's clock with this one's."""
    if theirs is None:
        return not_checked(about, "It tells no time.")
    apart = theirs - clock.now()
    seconds = int(apart.total_seconds())
    where = "ahead of" if seconds > 0 else "behind"
    found = f"It is {abs(seconds)} seconds {where} this machine."
    if abs(apart) > CLOCKS_DIFFER_MUCH:
        return problem(
            about,
            found,
            f"{_DIFFERENT_CLOCK} Declarations and seals tell wrong times otherwise.",
        )
    if abs(apart) > CLOCKS_DIFFER:
        return warning(about, found, _DIFFERENT_CLOCK)
    return ok(about, "It agrees with this machine.")


def _name(settings: Settings) -> Check:
    host = urlsplit(settings.base_url).hostname or ""
    try:
        numbers = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        return problem(
            "name",
            f"{host} leads nowhere ({error.strerror or error}).",
            "Let the domain's DNS name the site's host, and look at SIGNER_BASE_URL.",
        )
    return ok("name", f"{host} leads to {', '.join(sorted(map(str, numbers)))}.")


def _certificate(settings: Settings) -> Check:
    about = "certificate"
    address = urlsplit(settings.base_url)
    host = address.hostname or ""
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection(
                (host, address.port or 443), timeout=TIMEOUT
            ) as plain,
            context.wrap_socket(plain, server_hostname=host) as encrypted,
        ):
            shown = encrypted.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return problem(
            about,
            f"Browsers do not trust it: {error.verify_message}.",
            "Renew it, for this very name, with its whole chain.",
        )
    except OSError as error:
        reason = error.strerror or str(error)
        return not_checked(about, f"No TLS connection to {host} ({reason}).")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    days = (ends - clock.now()).days
    if ends - clock.now() < CERTIFICATE_ENDS_SOON:
        return warning(
            about,
            f"It ends in {_days(days)}.",
            "See why it was not renewed: most hosts do so automatically.",
        )
    return ok(about, f"It is trusted, and ends in {_days(days)}.")


def _arrival(settings: Settings, answer: Answer) -> Iterator[Check]:
    about = "public address"
    if answer.status in _REDIRECTS:
        yield problem(
            about,
            f"{settings.base_url} leads elsewhere: to "
            f"{urlsplit(answer.headers.get('Location', '')).netloc or 'itself'}.",
            "Set SIGNER_BASE_URL to the address at which parents end.",
        )
        return
    if answer.status == _NOT_FOUND:
        yield problem(
            about,
            "It answers, but this request did not reach a service with these secrets.",
            "Build the site with SIGNER_ORIGIN, so that it passes the service's paths "
            "on (/doctor/* among them), and see that service and this command have "
            "the same SIGNER_SECRET_KEYS.",
        )
        return
    arrival = _read(answer)
    if answer.status != _OK or arrival is None:
        yield problem(
            about,
            f"It answers with {answer.status}, and not as the service does.",
            "Read the proxy's log: it may not reach the service.",
        )
        return
    yield _host(settings, arrival)
    yield _signature(settings, arrival)


def _read(answer: Answer) -> Arrival | None:
    try:
        return Arrival(**json.loads(answer.body))
    except (ValueError, TypeError):
        return None


def _host(settings: Settings, arrival: Arrival) -> Check:
    about = "public address"
    told = arrival.forwarded_host
    came = f"Host is {arrival.host}" + (
        ", and no X-Forwarded-Host came" if told is None else f", forwarded is {told}"
    )
    if arrival.base_url != settings.base_url:
        return problem(
            about,
            f"The service that answers has {arrival.base_url} as its SIGNER_BASE_URL.",
            "Give the service and this command the same settings, and restart it.",
        )
    if not arrival.own:
        return problem(
            about,
            f"It is refused as another host: {came}.",
            f"Set SIGNER_ORIGIN to https://{arrival.host}, where that is the "
            "service's own address; or let the proxy pass Host on as it came.",
        )
    if told is not None and not settings.proxy_hops:
        return warning(
            about,
            f"It reaches the service: {came}. The forwarded host is not looked at.",
            "Set SIGNER_PROXY_HOPS to 1 where the service is behind one proxy.",
        )
    return ok(about, f"It reaches the service: {came}.")


def _signature(settings: Settings, arrival: Arrival) -> Check:
    about = "proxy's signature"
    if not arrival.signed_well:
        return problem(
            about,
            f"Every request is refused: {arrival.signature}.",
            "Set SIGNER_PROXY_SECRET in Netlify to the same value, build the site "
            "again, and look at both clocks.",
        )
    if settings.proxy_secret:
        return ok(about, "It holds.")
    return not_checked(about, "None is asked for (SIGNER_PROXY_SECRET).")


def _back_door(settings: Settings) -> Check:
    """Ask the service's own address, past the site."""
    about = "way past the site"
    if not settings.origin:
        return not_checked(about, "SIGNER_ORIGIN is not set.")
    try:
        answer = fetch(f"{settings.origin}/link")
    except Unreachable:
        return ok(about, "The service's own address gives no answer from here.")
    if answer.status == _FORBIDDEN:
        return ok(about, "It is shut.")
    if settings.proxy_secret:
        return problem(
            about,
            f"The service's own address answers anyone, with {answer.status}.",
            "Restart the service with SIGNER_PROXY_SECRET.",
        )
    return warning(
        about,
        "Anyone who knows the service's own address can go around the site.",
        "Set SIGNER_PROXY_SECRET here and in Netlify, or let the firewall admit the "
        "proxy alone.",
    )


def date_of(answer: Answer) -> datetime | None:
    """The time that an answer tells; None where it tells none."""
    try:
        date = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return date.replace(tzinfo=date.tzinfo or UTC)


def _days(count: int) -> str:
    return counted(count, "day")
