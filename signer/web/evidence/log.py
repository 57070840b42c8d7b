"""The public log: a page for people, and files for whoever follows it.

The files are those of C2SP tlog-tiles. A log that was reopened is another log: its
files stand under its own name as well, such as ``/log/2/tile/…``, where nobody has kept
any of the one before.
"""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from signer.audit.bundled import FOLLOW, script
from signer.clock import in_school_time
from signer.ledger.tiles import parse_path
from signer.web.evidence import public_pages
from signer.web.session import context, settings
from signer.workflows.log.publish import signed_log, tile_content

blueprint = Blueprint("log", __name__, url_prefix="/log")

FOR_EVER = "public, max-age=31536000, immutable"
"""A tile of a signed log never changes, a partial one neither: it has its width in
its address."""

AGAIN = "public, no-cache"
TEXT = "text/plain; charset=utf-8"
SOURCE = "text/x-python; charset=utf-8"
BYTES = "application/octet-stream"


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """What the log is, how large it is, and how to check it."""
    log = signed_log(context())
    return public_pages.page(
        "evidence/log/overview.html",
        log=log,
        root=log and public_pages.groups(log.root.hex(":").upper()),
        cosigned_by=[
            (name, in_school_time(at)) for name, at in (log.cosigned_by if log else ())
        ],
        signed_at=log and in_school_time(log.signed_at),
        reopenings=[
            (one, in_school_time(one.at)) for one in (log.reopenings if log else ())
        ],
        witnesses=len(settings().witnesses),
        address=f"{settings().base_url}/log/",
        own_address=f"{settings().base_url}/log/{log.number}/" if log else "",
    )


@blueprint.get("/checkpoint")
@blueprint.get("/<int(min=2):number>/checkpoint")
def checkpoint(number: int | None = None) -> ResponseReturnValue:
    """The newest signed head."""
    log = signed_log(context())
    if log is None or number not in {None, log.number}:
        return public_pages.missing("evidence/log/missing.html")
    return public_pages.file(log.note.encode(), TEXT, caching=AGAIN)


@blueprint.get("/follow.py")
def follow() -> ResponseReturnValue:
    """The program with which anybody follows the log."""
    return public_pages.file(script(FOLLOW), SOURCE)


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    """Let pages of others read the log: it is public, and no cookie goes with it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/tile/<path:path>")
@blueprint.get("/<int(min=2):number>/tile/<path:path>")
def tile(path: str, number: int | None = None) -> ResponseReturnValue:
    """Hashes of the tree, or entries, as far as the newest signed head covers them."""
    wanted = parse_path(path)
    found = tile_content(context(), wanted, number) if wanted else None
    if found is None:
        return public_pages.missing("evidence/log/missing.html")
    content, owner = found
    # Under the address that all names share, a reopened log replaces what was there.
    lasting = number is not None or owner == 1
    return public_pages.file(content, BYTES, caching=FOR_EVER if lasting else AGAIN)
