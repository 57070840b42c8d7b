"""The public log, as strangers follow it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, event

from signer.ledger.checkpoints import read_checkpoint
from signer.ledger.signed_notes import NoteVerifier
from signer.ledger.tiles import WIDTH, Tile
from signer.store.log.tables import TreeNode
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.conftest import run
from tests.web.browsing import Browser
from tests.web.evidence.log.public_log import ENTRIES, ORIGIN, Monitor, fill

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext


@pytest.mark.parametrize("size", [1, 255, WIDTH, WIDTH + 1, ENTRIES])
def test_a_stranger_follows_the_whole_log(
    app: Flask, app_context: AppContext, size: int
) -> None:
    """The published key, the checkpoint, every tile and entry: the root is right."""
    fill(app_context, size)
    sign_checkpoint(app_context)
    visitor = Browser(app)
    monitor = Monitor(visitor)
    line = visitor.client.get("/keys/log.vkey", base_url=visitor.address).text
    note = monitor.get("checkpoint").decode()
    head = read_checkpoint(note, ORIGIN, [NoteVerifier.parse(line)])
    assert head.size == size
    assert monitor.root(size) == head.root


@pytest.mark.tool("openssl")
def test_the_signature_is_right_for_openssl(
    app: Flask, signed: int, tmp_path: Path
) -> None:
    """With the key as openssl reads it, and nothing of ours."""
    visitor = Browser(app)
    note = Monitor(visitor).get("checkpoint").decode()
    text, _, signature = note.partition("\n\n")
    key = visitor.client.get("/keys/log.pem", base_url=visitor.address)
    assert key.headers["Content-Type"] == "application/x-pem-file"
    (tmp_path / "log.pem").write_bytes(key.data)
    (tmp_path / "text").write_text(text + "\n")
    value = base64.b64decode(signature.split()[-1])[4:]
    (tmp_path / "signature").write_bytes(value)
    told = run(
        *("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "log.pem"),
        *("-rawin", "-in", "text", "-sigfile", "signature"),
        cwd=tmp_path,
    )
    assert "Verified Successfully" in told


def test_what_came_after_the_checkpoint_is_not_served(
    app: Flask, app_context: AppContext, signed: int
) -> None:
    """Neither as a wider tile nor as a narrower one of the next."""
    fill(app_context, 3 * WIDTH + 10)
    visitor = Browser(app)
    beyond = [
        *(Tile(0, 2, 45), Tile(None, 2, 45), Tile(0, 2), Tile(None, 2)),
        *(Tile(0, 3, 1), Tile(None, 3, 1), Tile(1, 0, 3), Tile(1, 0), Tile(2, 0, 1)),
    ]
    for tile in beyond:
        page = visitor.open(f"/log/tile/{tile.path}")
        heading = "This part of the log is not here"
        assert (page.status, page.heading) == (404, heading), tile
    sign_checkpoint(app_context)
    assert visitor.open("/log/tile/0/002").status == 200
    assert visitor.open("/log/tile/1/000.p/3").status == 200


def test_a_narrower_tile_of_an_older_checkpoint_stays(app: Flask, signed: int) -> None:
    """Who follows from an older head finds what that one covered."""
    narrow = Monitor(Browser(app)).get("tile/0/002.p/7")
    assert narrow == Monitor(Browser(app)).get("tile/0/002.p/44")[: 7 * 32]


@pytest.mark.parametrize(
    "path",
    [
        *("0/0", "0/0000", "0/x000/000", "0/000.p/0", "0/000.p/256", "0/000.p/256/"),
        *("0/999", "0/-01", "-1/000", "64/000", "00/000", "entries/3", "entry/000"),
        *("0/000.p/01", "0/000/", "0/%2e%2e/000", "../checkpoint", "", "0/000.p/"),
        *(
            "entries/000%00",
            "0/\N{ARABIC-INDIC DIGIT ZERO}00",
            "63/999",
            "0/x999/x999/x999/x999/x999/999",
        ),
    ],
)
def test_only_real_tiles_have_an_address(app: Flask, signed: int, path: str) -> None:
    """Anything else is not there, and asks nothing of the database that it minds."""
    assert Browser(app).open(f"/log/tile/{path}").status == 404


def test_a_tile_is_read_in_one_query(
    app: Flask, app_context: AppContext, signed: int
) -> None:
    """Two in all: one finds the newest head, one reads every row of the tile."""
    asked: list[str] = []
    visitor = Browser(app)

    @event.listens_for(app_context.sessions.engine, "before_cursor_execute")
    def note(*args: object) -> None:
        asked.append(str(args[2]))

    for path in ("0/000", "entries/001", "1/000.p/2"):
        asked.clear()
        assert visitor.open(f"/log/tile/{path}").status == 200
        read = [one for one in asked if one.startswith("SELECT")]
        assert len(read) == 2, read
    event.remove(app_context.sessions.engine, "before_cursor_execute", note)


def test_tiles_are_for_ever_and_the_checkpoint_is_asked_for_again(
    app: Flask, app_context: AppContext, signed: int
) -> None:
    """By what a cache is told."""
    visitor = Browser(app)
    for path in ("0/000", "0/002.p/44", "entries/002.p/44"):
        headers = visitor.open(f"/log/tile/{path}").headers
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    first = visitor.open("/log/checkpoint").headers
    assert first["Cache-Control"] == "public, no-cache"
    assert first["Content-Type"] == "text/plain; charset=utf-8"
    mark = {"If-None-Match": first["ETag"]}
    ask = visitor.client.get
    again = ask("/log/checkpoint", base_url=visitor.address, headers=mark)
    assert (again.status_code, again.data) == (304, b"")
    fill(app_context, ENTRIES + 1)
    sign_checkpoint(app_context)
    again = ask("/log/checkpoint", base_url=visitor.address, headers=mark)
    assert again.status_code == 200


def test_the_log_is_for_reading(app: Flask, signed: int) -> None:
    """HEAD tells of a file; nothing can be sent."""
    visitor = Browser(app)
    for path in ("/log/", "/log/checkpoint", "/log/tile/0/000"):
        head = visitor.client.head(path, base_url=visitor.address)
        assert (head.status_code, head.data) == (200, b"")
        for method in ("post", "put", "delete", "patch"):
            ask = getattr(visitor.client, method)
            assert ask(path, base_url=visitor.address).status_code in {400, 405}


def test_before_the_first_checkpoint_there_is_nothing_to_fetch(
    app: Flask, app_context: AppContext
) -> None:
    """The page says so; what is in the log already stays unseen."""
    fill(app_context, 3)
    visitor = Browser(app)
    assert "There is no checkpoint yet" in visitor.open("/log/").text
    assert visitor.open("/log/checkpoint").status == 404
    assert visitor.open("/log/tile/0/000.p/3").status == 404


def test_a_reopened_log_is_another_log(
    app: Flask, app_context: AppContext, reopened: str
) -> None:
    """It is followed under its own name, and caches are told not to mix the two."""
    visitor = Browser(app)
    lines = visitor.client.get("/keys/log.vkey", base_url=visitor.address).text
    verifiers = [NoteVerifier.parse(one) for one in lines.splitlines()]
    assert [one.name for one in verifiers] == [ORIGIN, f"{ORIGIN}/2"]
    for prefix in ("/log/", "/log/2/"):
        monitor = Monitor(visitor, prefix)
        note = monitor.get("checkpoint").decode()
        head = read_checkpoint(note, f"{ORIGIN}/2", verifiers)
        assert head.size == 301
        assert head.extensions[0].startswith(f"reopened-after {ORIGIN} 556 ")
        assert monitor.root(301) == head.root
    assert "immutable" in visitor.open("/log/2/tile/0/000").headers["Cache-Control"]
    shared = visitor.open("/log/tile/0/000").headers["Cache-Control"]
    assert shared == "public, no-cache"
    for path in ("/log/1/checkpoint", "/log/3/checkpoint", "/log/3/tile/0/000"):
        assert visitor.open(path).status == 404


def test_a_log_with_a_hole_gives_no_short_tile(
    settings: Settings, app_context: AppContext, app: Flask, signed: int
) -> None:
    """A fault of ours is told as one, and never as a tile that looks whole."""
    with app_context.sessions.writing() as session:
        session.execute(delete(TreeNode).where(TreeNode.place == 5))
    assert Browser(app).open("/log/tile/0/000").status == 500


def test_pages_of_others_may_read_the_log(app: Flask, signed: int) -> None:
    """Its files, the program for it, and what is not there; no other page."""
    browser = Browser(app)
    for path in ("checkpoint", "tile/0/000", "follow.py", "tile/9/999"):
        headers = browser.open(f"/log/{path}").headers
        assert headers["Access-Control-Allow-Origin"] == "*", path
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin", path
    assert b"Follow a school" in browser.open("/log/follow.py").answer.data
    assert "Access-Control-Allow-Origin" not in browser.open("/verify").headers
