"""The public address, asked through real proxies that are really wrong."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

from signer import clock
from signer.web import create_app
from signer.workflows.operations.doctor.outcomes import Check, Outcome
from signer.workflows.operations.doctor.public_address import (
    check_public_address,
    clock_check,
)
from signer.workflows.operations.doctor.public_site import check_site
from tests.ports import free_port
from tests.production.harness.proxy import (
    Manner,
    certificate,
    proxy,
    signing,
    silent,
    telling,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext

# Nothing here depends on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SECRET = "a secret of the proxy that is long enough to be one"
OWN = "signer.school.test"


@contextmanager
def serving(settings: Settings, app_context: AppContext) -> Iterator[int]:
    """The service on this machine; gives its port."""
    server = make_server(
        "127.0.0.1", 0, create_app(settings, app_context), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def by_name(settings: Settings) -> dict[str, Check]:
    """Each check of the public address, by what it is about."""
    return {check.about: check for check in check_public_address(settings)}


def public(settings: Settings, **changed: object) -> tuple[Settings, int]:
    """Settings with a public address on this machine, and its port."""
    port = free_port()
    given: dict[str, Any] = {
        "base_url": f"http://localhost:{port}",
        "origin": f"http://{OWN}",
    }
    return replace(settings, **{**given, **changed}), port


def test_a_proxy_that_tells_nothing_is_fine(
    settings: Settings, app_context: AppContext
) -> None:
    """The service's own name arrives, and counts."""
    settings, port = public(settings)
    with serving(settings, app_context) as own, proxy(Manner(OWN), own, port=port):
        checks = by_name(settings)
    assert checks["public address"].outcome is Outcome.OK
    assert f"Host is {OWN}, and no X-Forwarded-Host" in checks["public address"].found
    assert checks["proxy's signature"].outcome is Outcome.NOT_CHECKED
    assert checks["name"].outcome is Outcome.OK


def test_a_host_that_is_refused_is_named(
    settings: Settings, app_context: AppContext
) -> None:
    """With the setting that lets it in."""
    settings, port = public(settings)
    with (
        serving(settings, app_context) as own,
        proxy(Manner("10.0.0.7"), own, port=port),
    ):
        check = by_name(settings)["public address"]
    assert check.outcome is Outcome.PROBLEM
    assert "Host is 10.0.0.7" in check.found
    assert "SIGNER_ORIGIN to https://10.0.0.7" in check.what_to_do


def test_a_forwarded_host_that_is_not_looked_at_is_told(
    settings: Settings, app_context: AppContext
) -> None:
    """The proxy says more than the service listens to."""
    settings, port = public(settings)
    with (
        serving(settings, app_context) as own,
        proxy(Manner(OWN, telling), own, port=port),
    ):
        check = by_name(settings)["public address"]
    assert check.outcome is Outcome.WARNING
    assert "SIGNER_PROXY_HOPS to 1" in check.what_to_do


@pytest.mark.parametrize(
    ("added", "outcome"),
    [
        (signing(SECRET), Outcome.OK),
        (silent, Outcome.PROBLEM),
        (signing(SECRET, exp=1), Outcome.PROBLEM),
    ],
)
def test_a_signature_that_does_not_hold_is_a_problem(
    settings: Settings,
    app_context: AppContext,
    added: Callable[[str], dict[str, str]],
    outcome: Outcome,
) -> None:
    """Every parent would be refused."""
    settings, port = public(settings, proxy_secret=SECRET)
    manner = Manner(OWN, added)
    with (
        clock.frozen(clock.now()),
        serving(settings, app_context) as own,
        proxy(manner, own, port=port),
    ):
        check = by_name(settings)["proxy's signature"]
    assert check.outcome is outcome


def test_the_way_past_the_site_is_tried(
    settings: Settings, app_context: AppContext
) -> None:
    """Open without a secret, shut with one, and a problem where it should be shut."""
    own_port = free_port()
    address = f"http://127.0.0.1:{own_port}"
    open_ = replace(settings, base_url=address, origin=address)
    shut = replace(open_, proxy_secret=SECRET)

    def outcome(served: Settings, set_: Settings) -> Outcome:
        app = create_app(served, app_context)
        server = make_server("127.0.0.1", own_port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            return by_name(set_)["way past the site"].outcome
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    assert outcome(open_, open_) is Outcome.WARNING
    assert outcome(shut, shut) is Outcome.OK
    # The service was not restarted since the secret was set.
    assert outcome(open_, shut) is Outcome.PROBLEM


def test_a_service_of_other_settings_is_told(
    settings: Settings, app_context: AppContext
) -> None:
    """Other secrets, another public address, or no service at all."""
    settings, port = public(settings)
    strange = replace(
        settings, secret_keys=("another secret that is long enough to be one too",)
    )
    moved = replace(settings, base_url=f"http://127.0.0.1:{port}")
    with serving(settings, app_context) as own, proxy(Manner(OWN), own, port=port):
        secrets = by_name(strange)["public address"]
        address = by_name(moved)["public address"]
    nobody = by_name(settings)["public address"]
    assert "did not reach a service with these secrets" in secrets.found
    assert f"has {settings.base_url} as its SIGNER_BASE_URL" in address.found
    assert "gives no answer" in nobody.found
    assert {secrets.outcome, address.outcome, nobody.outcome} == {Outcome.PROBLEM}


class _Elsewhere(BaseHTTPRequestHandler):
    """A site that leads elsewhere, with a clock of its own."""

    def do_GET(self) -> None:
        """Redirect."""
        self.send_response(301)
        self.send_header("Location", "https://www.school.test/")
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Three hours ahead."""
        del timestamp
        return f"{clock.now() + timedelta(hours=3):%a, %d %b %Y %H:%M:%S GMT}"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def test_an_address_that_leads_elsewhere_and_a_wrong_clock_are_told(
    settings: Settings, app_context: AppContext
) -> None:
    """A redirect is not followed: parents' forms would be lost in it."""
    del app_context
    settings, port = public(settings)
    server = ThreadingHTTPServer(("127.0.0.1", port), _Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    checks = by_name(settings)
    server.shutdown()
    thread.join()
    server.server_close()
    assert checks["public address"].outcome is Outcome.PROBLEM
    assert "www.school.test" in checks["public address"].found
    assert checks["clock of the public address"].outcome is Outcome.PROBLEM
    assert "ahead of this machine" in checks["clock of the public address"].found


@pytest.mark.parametrize(
    ("apart", "outcome"),
    [
        (timedelta(seconds=30), Outcome.OK),
        (timedelta(minutes=-10), Outcome.WARNING),
        (timedelta(hours=-2), Outcome.PROBLEM),
    ],
)
def test_clocks_are_compared(
    apart: timedelta, outcome: Outcome, database: str, frozen: object
) -> None:
    """Links bear an hour, and no more."""
    del database, frozen
    assert clock_check("clock", clock.now() + apart).outcome is outcome


def test_a_certificate_is_judged_as_browsers_do(
    settings: Settings,
    app_context: AppContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Untrusted is a problem; trusted but ending tomorrow is a warning."""
    port = free_port()
    settings = replace(settings, base_url=f"https://localhost:{port}")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # TLS goes by the machine's own clock.
    with clock.frozen(datetime.now(UTC)):
        file, key = certificate(tmp_path)
    tls.load_cert_chain(file, key)
    with (
        clock.frozen(datetime.now(UTC)),
        serving(settings, app_context) as own,
        proxy(Manner(f"localhost:{port}"), own, port=port, tls=tls),
    ):
        untrusted = by_name(settings)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        trusted = by_name(settings)
    assert untrusted["certificate"].outcome is Outcome.PROBLEM
    assert untrusted["public address"].outcome is Outcome.PROBLEM
    assert trusted["certificate"].outcome is Outcome.WARNING
    assert trusted["public address"].outcome is Outcome.OK


def test_a_name_that_leads_nowhere_is_told(
    settings: Settings, app_context: AppContext
) -> None:
    """The first thing to mend."""
    del app_context
    settings = replace(settings, base_url="http://no-such-host.invalid")
    checks = by_name(settings)
    assert checks["name"].outcome is Outcome.PROBLEM
    assert checks["public address"].outcome is Outcome.PROBLEM


def test_the_sites_version_is_compared(
    settings: Settings, app_context: AppContext, tmp_path: Path
) -> None:
    """Published, missing, different, or newer than the server's."""
    folder = tmp_path / "site" / "versions"
    folder.mkdir(parents=True)
    settings = replace(settings, site_dir=tmp_path / "site")
    version = app_context.versions[-1]
    assert check_site(settings).outcome is Outcome.PROBLEM
    (folder / version.filename).write_bytes(version.source + b"\n")
    assert "other bytes" in check_site(settings).found
    (folder / version.filename).write_bytes(version.source)
    assert check_site(settings).outcome is Outcome.OK
    (folder / f"{version.number + 1}.md").write_bytes(version.source)
    newer = check_site(settings)
    assert newer.outcome is Outcome.WARNING
    assert "SIGNER_VERSIONS_DIR" in newer.what_to_do
