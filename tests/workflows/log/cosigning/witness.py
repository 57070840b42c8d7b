"""A witness that is strict about C2SP tlog-witness, over HTTP on this machine."""

from __future__ import annotations

import re
import threading
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signer import clock
from signer.errors import NoteRefused, ProofRefused
from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.cosignatures import WitnessKey, cosigned_message
from signer.ledger.hashing import EMPTY_ROOT
from signer.ledger.signed_notes import NoteVerifier, signature_line
from tests.ledger.consistency import check_consistency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signer.workflows.context import AppContext

_BODY = re.compile(
    r"old (?P<old>0|[1-9][0-9]*)\n"
    r"(?P<proof>(?:[A-Za-z0-9+/]{43}=\n){0,63})\n"
    r"(?P<note>[^\n]+\n(?:[^\n]+\n)+\n(?:\N{EM DASH} [^\n]+\n)+)"
)
ORIGIN = "127.0.0.1:8000/log"
Answer = tuple[int, str, bytes]


class _RefusedError(Exception):
    def __init__(self, status: int, body: bytes = b"") -> None:
        self.status, self.body = status, body


@dataclass
class Witness:
    """What it knows and has seen.

    Attributes:
        name: its own.
        logs: the keys of the logs that it knows, by their names.
        heads: size and root of the newest head of each that it has cosigned.
        asked: the first line of each request.
        forced: what it answers whatever it is asked; None for the right answer.
        ahead: by how much its clock is ahead.
        silent: whether it keeps silent until it ends.
        address: where it takes heads.
        end: set when it is to end.
    """

    name: str = "witness.example/w1"
    logs: dict[str, NoteVerifier] = field(default_factory=dict)
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forced: Answer | None = None
    ahead: timedelta = timedelta()
    silent: bool = False
    address: str = ""
    end: threading.Event = field(default_factory=threading.Event)
    _private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def key(self) -> WitnessKey:
        """What it signs with."""
        return WitnessKey(self.name, self._private.public_key().public_bytes_raw())

    @property
    def setting(self) -> str:
        """How the settings name it."""
        return f"{self.address} {self.key}"

    def answer(self, raw: bytes) -> Answer:
        """What add-checkpoint answers."""
        text = raw.decode()
        self.asked.append(text.partition("\n")[0])
        if self.forced is not None:
            return self.forced
        parts = _BODY.fullmatch(text)
        try:
            if parts is None:
                raise _RefusedError(400)  # noqa: TRY301 - as each other refusal
            head = self._head(parts["note"])
            proof = [b64decode(line) for line in parts["proof"].splitlines()]
            self._grow(head, int(parts["old"]), proof)
        except _RefusedError as refused:
            return refused.status, "text/x.tlog.size", refused.body
        return 200, "text/plain", self.cosign(head.text).encode()

    def _head(self, note: str) -> Checkpoint:
        origin = note.partition("\n")[0]
        if origin not in self.logs:
            raise _RefusedError(404)
        try:
            return read_checkpoint(note, origin, [self.logs[origin]])
        except NoteRefused:
            raise _RefusedError(403) from None

    def _grow(self, head: Checkpoint, old: int, proof: list[bytes]) -> None:
        if old > head.size:
            raise _RefusedError(400)
        with self._lock:
            known, root = self.heads.get(head.origin, (0, b""))
            if old != known or (old == head.size and root != head.root):
                raise _RefusedError(409, f"{known}\n".encode())
            try:
                # Nothing leads up from an empty tree, so that there is nothing to hold.
                before = root if old else EMPTY_ROOT
                check_consistency(old, before, head.size, head.root, proof)
            except ProofRefused:
                raise _RefusedError(422) from None
            self.heads[head.origin] = head.size, head.root

    def cosign(self, text: str) -> str:
        """Its line under a head."""
        seconds = int((clock.now() + self.ahead).timestamp())
        signed = self._private.sign(cosigned_message(text, seconds))
        return signature_line(self.name, self.key.key_id + seconds.to_bytes(8) + signed)


@contextmanager
def witnessing(name: str = "witness.example/w1") -> Iterator[Witness]:
    """Run one; whatever it is at ends with the block."""
    witness = Witness(name)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a head, where that is what comes."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if witness.silent:
                witness.end.wait()
                return
            status, kind, content = (
                witness.answer(body)
                if self.path == "/prefix/add-checkpoint"
                else (404, "text/plain", b"")
            )
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Location", f"{witness.address}/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    witness.address = f"http://127.0.0.1:{server.server_port}/prefix/"
    try:
        yield witness
    finally:
        witness.end.set()
        server.shutdown()
        server.server_close()
        thread.join()


def naming(app_context: AppContext, *witnesses: Witness) -> None:
    """Name witnesses in the settings, and tell them of the log."""
    app_context.settings = replace(
        app_context.settings, witness_servers=tuple(one.setting for one in witnesses)
    )
    key = app_context.log_key().signer(ORIGIN).verifier
    for one in witnesses:
        one.logs[ORIGIN] = key
