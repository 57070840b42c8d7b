"""Checking that a released version is at its public address, byte for byte."""

from __future__ import annotations

import hashlib
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from signer.config import Settings
from signer.errors import NoticeUnconfirmed, NotPublished, PublishedDifferently
from signer.policy.versions import Version

PATIENCE = 10.0
"""How long to wait for the site's next word, and in all, in seconds."""

PIECE = 64 * 1024

TO_CONFIRM = b"School to confirm"
"""What marks a part of the privacy notice that the school has yet to confirm."""

LONGEST_NOTICE = 4 * 1024 * 1024
"""In bytes; of a longer page no more is read."""


def check_publication(settings: Settings, version: Version) -> str:
    """Return where a version is, once the public can read exactly what was released.

    Where the service itself serves the site (``SIGNER_SITE_DIR``), that is a file in
    its folder. Elsewhere the public address is asked, as a parent's browser would.

    Raises:
        NotPublished: nothing answers there yet.
        PublishedDifferently: it answers with something else.
    """
    if settings.site_dir is not None:
        path = settings.site_dir / "versions" / version.filename
        _compare(version, str(path), _from_file(version, path))
        return str(path)
    address = f"{settings.base_url}/versions/{version.filename}"
    _compare(version, address, _from_site(version, address))
    return address


def check_privacy_notice(settings: Settings, version: Version) -> None:
    """Look whether the privacy notice that parents can read is the school's own.

    Raises:
        NotPublished: no notice can be read where the site has it.
        NoticeUnconfirmed: parts of it are still marked for the school to confirm.
    """
    if settings.site_dir is not None:
        path = settings.site_dir / "privacy" / "index.html"
        address, pieces = str(path), _from_file(version, path)
    else:
        address = f"{settings.base_url}/privacy/"
        pieces = _from_site(version, address)
    page = bytearray()
    for piece in pieces:
        page += piece
        if len(page) > LONGEST_NOTICE:
            break
    parts = page.count(TO_CONFIRM)
    if parts:
        raise NoticeUnconfirmed(address, parts)


def _compare(version: Version, where: str, pieces: Iterable[bytes]) -> None:
    """Compare what comes, and take in no more of it than there can be."""
    found, length = hashlib.sha256(), 0
    for piece in pieces:
        found.update(piece)
        length += len(piece)
        if length > len(version.source):
            raise PublishedDifferently(
                version.number, where, released=version.sha256, found=None
            )
    if found.hexdigest() != version.sha256:
        raise PublishedDifferently(
            version.number, where, released=version.sha256, found=found.hexdigest()
        )


def _from_file(version: Version, path: Path) -> Iterable[bytes]:
    try:
        yield path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotPublished(version.number, str(path), reason) from error


def _from_site(version: Version, address: str) -> Iterable[bytes]:
    request = urllib.request.Request(  # noqa: S310 - the base URL is http or https
        address, headers={"User-Agent": "signer", "Cache-Control": "no-cache"}
    )
    opener = urllib.request.build_opener(_SameSite)
    until = time.monotonic() + PATIENCE
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            while piece := answer.read1(PIECE):
                yield piece
                if time.monotonic() > until:
                    raise TimeoutError
    except urllib.error.HTTPError as error:
        error.close()
        raise NotPublished(
            version.number, address, f"the answer was {error.code} {error.reason}"
        ) from error
    except (OSError, HTTPException) as error:
        # An address in the middle of which the line goes dead is not published.
        reason = getattr(error, "reason", None) or error
        raise NotPublished(
            version.number, address, f"there was no answer ({reason})"
        ) from error


class _SameSite(urllib.request.HTTPRedirectHandler):
    """Follows a redirect within the site, and none away from it."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - the library's own signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise urllib.error.HTTPError(
                req.full_url, code, "a redirect to another site", headers, fp
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)
