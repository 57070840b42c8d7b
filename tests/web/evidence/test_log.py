"""The public log, as strangers follow it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, event

from signer.ledger.checkpoints import read_checkpoint
from signer.ledger.log_key import new_log_key
from signer.ledger.signed_notes import NoteVerifier
from signer.ledger.tiles import WIDTH, Tile, tiles_of, unbundle
from signer.store.log.append import append_leaf, lock_log
from signer.store.log.tables import Leaf, LogHead, Opening, TreeNode
from signer.web import create_app
from signer.workflows.log.reopen import reopen_log
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.reconciliation.reconcile import reconcile_nightly
from tests.conftest import PASSPHRASE, run
from tests.web.browsing import Browser
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.sharing.states import Memory
    from tests.web.browsing import Page

ORIGIN = "127.0.0.1:8000/log"
ENTRIES = 2 * WIDTH + 44


@cache
def log_key() -> bytes:
    """The key of the log, the same for all tests here."""
    return new_log_key(PASSPHRASE)


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a key file of the test's own: the other is that of all tests."""
    path = tmp_path / "log.p12"
    path.write_bytes(log_key())
    path.chmod(0o600)
    return replace(settings, log_key_file=path)


@pytest.fixture
def app(settings: Settings, app_context: AppContext) -> Flask:
    """The service of a school that has a key for its log and has asked nobody."""
    return create_app(settings, app_context)


@pytest.fixture
def signed(app: Flask, app_context: AppContext, memory: Memory) -> int:
    """A log of two full tiles and a partial one is signed; gives its size."""
    memory.bring_about(app_context, fill_and_sign)
    return ENTRIES


def fill_and_sign(app_context: AppContext) -> None:
    fill(app_context, ENTRIES)
    sign_checkpoint(app_context)


def fill(app_context: AppContext, size: int) -> int:
    """Append until the log has a size; gives that."""
    with app_context.sessions.writing() as session:
        for number in range(lock_log(session).size, size):
            append_leaf(session, "test:appended", number=number)
    return size


class Monitor:
    """A stranger who has this address and nothing else of ours."""

    def __init__(self, visitor: Browser, prefix: str = "/log/") -> None:
        self._visitor = visitor
        self._prefix = prefix

    def get(self, path: str) -> bytes:
        """What stands at a path below the log's address."""
        answer = self._visitor.client.get(
            self._prefix + path, base_url=self._visitor.address
        )
        assert answer.status_code == 200, path
        data: bytes = answer.data
        return data

    def root(self, size: int) -> bytes:
        """The root over every entry, after comparing each hash on the way."""
        entries: list[bytes] = []
        hashes: dict[int, list[bytes]] = {}
        for tile in tiles_of(size):
            raw = self.get(f"tile/{tile.path}")
            if tile.level is None:
                found = unbundle(raw)
                entries += found
            else:
                found = [raw[at : at + 32] for at in range(0, len(raw), 32)]
                hashes.setdefault(tile.level, []).extend(found)
            assert len(found) == tile.width
        assert len(entries) == size
        level = [hashlib.sha256(b"\0" + entry).digest() for entry in entries]
        for number in range(max(hashes) + 1):
            assert hashes[number] == level
            starts = range(0, len(level) - WIDTH + 1, WIDTH)
            level = [naive_root(level[at : at + WIDTH]) for at in starts]
        return naive_root(hashes[0])


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return hashlib.sha256(b"\1" + left + right).digest()


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


def page_of(app: Flask) -> Page:
    return Browser(app).open("/log/")


def test_the_page_shows_the_newest_checkpoint(app: Flask, signed: int) -> None:
    """Its size, its time, its root in groups, and the whole of it."""
    page = page_of(app)
    assert page.heading == "The public log"
    assert "Entries556" in page.text.replace(" ", "")
    assert "22 November 2026, 14:10 GMT" in page.text
    note = Monitor(Browser(app)).get("checkpoint").decode()
    assert page.tree.xpath("string(//pre/code)") == note
    (root,) = page.tree.find_class("fingerprint")
    head = note.split("\n")[2]
    found = bytes.fromhex(root.text_content().replace(":", ""))
    assert base64.b64encode(found).decode() == head
    assert "begun anew" not in page.text


def test_a_fault_that_was_found_is_told(
    app: Flask, app_context: AppContext, signed: int
) -> None:
    """Nobody is left to think that all is well because the page looks as ever."""
    assert "Something is wrong" not in page_of(app).text
    with app_context.sessions.writing() as session:
        lock_log(session).problem = "Entry 5 is missing."
    page = page_of(app)
    assert "Something is wrong with the log." in page.text
    assert "an older checkpoint or a proof, keep it." in page.text
    assert "record does not match" not in page.text
    with app_context.sessions.writing() as session:
        session.execute(delete(Opening).where(Opening.position == 5))
    reconcile_nightly(app_context)
    assert "record does not match the log" in page_of(app).text


def test_anybody_may_keep_the_page(
    app: Flask, app_context: AppContext, signed: int
) -> None:
    """It changes nothing, sets no cookie, and holds nothing personal."""
    before = snapshot(app_context)
    page = page_of(app)
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in page.headers
    for personal in ("Khan", "O'Brien", "example.org"):
        assert personal not in page.answer.text
    assert snapshot(app_context) == before


def test_witnesses_are_counted_and_not_named(
    settings: Settings, app_context: AppContext, app: Flask
) -> None:
    """How many people keep the checkpoints is public, who they are is not."""
    kept = replace(settings, witnesses=("a@far.example", "b@near.example"))
    page = page_of(create_app(kept, app_context))
    assert "to 2 people who keep it" in page.text
    assert "@far.example" not in page.answer.text
    assert "@near.example" not in page.answer.text


@pytest.fixture
def reopened(app: Flask, app_context: AppContext, signed: int) -> str:
    """A backup of 300 entries was put back; gives the head from before it."""
    old = sign_checkpoint(app_context)
    assert old
    with app_context.sessions.writing() as session:
        for table, column in ((Opening, Opening.position), (Leaf, Leaf.position)):
            session.execute(delete(table).where(column >= 300))
        session.get_one(LogHead, 1).size = 300
    reopen_log(app_context, "The disk failed on Monday.\n\nWe had a <copy>.", old)
    return old


def test_a_reopening_is_told_with_its_reason(app: Flask, reopened: str) -> None:
    """And with what it means, and how large the log was."""
    page = page_of(app)
    assert "The log was restarted" in page.text
    assert "The disk failed on Monday." in page.text
    assert "We had a <copy>." in page.text
    assert "covered 556 entries" in page.text
    assert "What this means" in page.text
    assert "Entries301" in page.text.replace(" ", "")


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
