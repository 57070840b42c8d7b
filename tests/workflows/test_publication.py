"""Nobody is asked to sign what the public cannot read, byte for byte."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from signer.errors import NotPublished, PublishedDifferently
from signer.workflows.campaigns import publication as checking
from signer.workflows.campaigns.publication import check_publication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext

Handler = http.server.BaseHTTPRequestHandler


@contextmanager
def site(answer: Callable[[Handler], None]) -> Iterator[str]:
    """A web site on this machine, which answers as it is told to; gives its address."""

    class Site(Handler):
        def do_GET(self) -> None:  # noqa: N802 - the library's name
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def page(
    content: bytes, status: int = 200, **headers: str
) -> Callable[[Handler], None]:
    """Answers each request alike."""

    def answer(request: Handler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def test_a_version_that_is_there_is_published(app_context: AppContext) -> None:
    """The very bytes, at the address that everybody can compute."""
    version = app_context.versions[-1]
    asked: list[str] = []

    def answer(request: Handler) -> None:
        asked.append(request.path)
        page(version.source)(request)

    with site(answer) as address:
        settings = replace(app_context.settings, base_url=address)
        assert check_publication(settings, version) == f"{address}/versions/2.md"
    assert asked == ["/versions/2.md"]


@pytest.mark.parametrize("status", [404, 403, 500, 503])
def test_an_error_is_not_publication(app_context: AppContext, status: int) -> None:
    """Whatever the page of an error holds."""
    version = app_context.versions[-1]
    with site(page(version.source, status)) as address:
        settings = replace(app_context.settings, base_url=address)
        with pytest.raises(NotPublished) as raised:
            check_publication(settings, version)
    assert str(status) in raised.value.problem


def test_nobody_there_is_not_publication(app_context: AppContext) -> None:
    """A site that cannot be reached publishes nothing."""
    with site(page(b"")) as address:
        gone = address
    with pytest.raises(NotPublished):
        check_publication(
            replace(app_context.settings, base_url=gone), app_context.versions[-1]
        )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda source: source[:-1],
        lambda source: source.replace(b"must", b"may", 1),
        lambda source: source.replace(b"\n", b"\r\n"),
        lambda _: b"",
        lambda source: source + b"\n",
        lambda source: source + b"x" * 10_000_000,
    ],
    ids=["short", "changed", "line ends", "empty", "one more", "endless"],
)
def test_other_bytes_are_an_alarm(
    app_context: AppContext, spoil: Callable[[bytes], bytes]
) -> None:
    """One byte more, less or other is another text; and no more is read than needed."""
    version = app_context.versions[-1]
    with site(page(spoil(version.source))) as address:
        settings = replace(app_context.settings, base_url=address)
        with pytest.raises(PublishedDifferently) as raised:
            check_publication(settings, version)
    assert raised.value.released == version.sha256
    assert raised.value.found != version.sha256


def test_a_redirect_within_the_site_is_followed(app_context: AppContext) -> None:
    """As a browser does."""
    version = app_context.versions[-1]

    def answer(request: Handler) -> None:
        if request.path == "/versions/2.md":
            page(b"", 302, Location="/elsewhere")(request)
        else:
            page(version.source)(request)

    with site(answer) as address:
        check_publication(replace(app_context.settings, base_url=address), version)


def test_a_redirect_to_another_site_is_not(app_context: AppContext) -> None:
    """What another site shows is not what this one publishes."""
    version = app_context.versions[-1]
    with site(page(version.source)) as other:
        away = page(b"", 302, Location=f"{other}/versions/2.md")
        with site(away) as address:
            settings = replace(app_context.settings, base_url=address)
            with pytest.raises(NotPublished, match="another site"):
                check_publication(settings, version)


def test_a_site_that_dawdles_is_not_waited_for(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that comes a byte at a time ends when patience does."""
    monkeypatch.setattr(checking, "PATIENCE", 0.3)
    stop = threading.Event()

    def answer(request: Handler) -> None:
        request.send_response(200)
        request.end_headers()
        for byte in app_context.versions[-1].source:
            if stop.wait(0.05):
                return
            request.wfile.write(bytes([byte]))

    with site(answer) as address:
        settings = replace(app_context.settings, base_url=address)
        with pytest.raises(NotPublished):
            check_publication(settings, app_context.versions[-1])
        stop.set()


def test_a_service_that_is_the_site_looks_into_its_folder(
    settings: Settings, app_context: AppContext, tmp_path: Path
) -> None:
    """Its own file is what the public reads."""
    version = app_context.versions[-1]
    here = replace(settings, site_dir=tmp_path / "site")
    with pytest.raises(NotPublished):
        check_publication(here, version)
    path = tmp_path / "site" / "versions" / "2.md"
    path.parent.mkdir(parents=True)
    path.write_bytes(version.source + b"\n")
    with pytest.raises(PublishedDifferently):
        check_publication(here, version)
    path.write_bytes(version.source)
    assert check_publication(here, version) == str(path)
