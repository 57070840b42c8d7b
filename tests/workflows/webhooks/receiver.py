"""A system that is told of what happens: a real HTTP server in a given mood."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Receiver:
    """What came, and how it is answered.

    Attributes:
        address: to be told at.
        mood: a status, ``reset``, ``silent`` or ``drip``.
        got: the path, headers and body of each request.
        end: set when the server is to end.
    """

    address: str = ""
    mood: int | str = 204
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run one; whatever it is at ends with the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep what came, and answer by the mood."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append((self.path, headers, body))
            if receiver.mood == "reset":
                now = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                self.connection.close()
            elif receiver.mood == "silent":
                receiver.end.wait()
            elif receiver.mood == "drip":
                self._drip()
            else:
                self.send_response(int(receiver.mood))
                self.send_header("Location", f"{receiver.address}/elsewhere")
                self.end_headers()

        def _drip(self) -> None:
            """A line of a head that never ends, each well within any socket's limit."""
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not receiver.end.wait(0.05):
                    self.wfile.write(b"X: y\r\n")
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # resets are meant
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        receiver.end.set()
        server.shutdown()
        server.server_close()
        thread.join()
