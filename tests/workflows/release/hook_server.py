"""A host's build hook, with moods."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "/build_hooks/5f3c-not-to-be-told"


class HookServer:
    """What is asked, and how it answers.

    Attributes:
        status: of the next answers.
        asked: what came: method, path and body.
        let_go: what a slow answer waits for; None where it is quick.
        address: of the hook.
    """

    def __init__(self, port: int) -> None:
        self.status = 200
        self.asked: list[tuple[str, str, bytes]] = []
        self.let_go: threading.Event | None = None
        self.address = f"http://127.0.0.1:{port}{SECRET}"


@contextmanager
def hook_server() -> Iterator[HookServer]:
    """A server that answers as it is told to."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.asked.append((self.command, self.path, body))
            if hook.let_go is not None:
                hook.let_go.wait()
            self.send_response(hook.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook = HookServer(server.server_port)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield hook
    finally:
        if hook.let_go is not None:
            hook.let_go.set()
        server.shutdown()
        serving.join()
        server.server_close()
