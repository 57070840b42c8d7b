"""A server with a small application, as a process of its own.

python service.py '{"bind": "127.0.0.1:8000", "folder": "…", "limits": {…}}'
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signer.server import Limits, Server
from signer.server.child import Child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGE = 4_000_000
_gate = threading.Lock()


class Fragile(Child):
    """A child that does not come up, or cannot go on, while a file lies there."""

    def init_process(self) -> None:
        """Fail, or go on."""
        if (FOLDER / "broken").exists():
            raise RuntimeError("this child does not come up")
        super().init_process()

    def notify(self) -> None:
        """Halt, or go on."""
        super().notify()
        if (FOLDER / "gone").exists():
            self.halt()


def client(environ: Mapping[str, str]) -> str | None:
    """Who sends something, as a proxy in front says."""
    return environ.get("HTTP_X_FORWARDED_FOR")


def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Answer with what a test wants to know."""
    path = environ["PATH_INFO"]
    status, kind, body = "200 OK", "text/plain", b"hello"
    if path == "/process":
        body = str(os.getpid()).encode()
    if path == "/large":
        body = bytes(LARGE)
    if path == "/moment":
        time.sleep(0.05)
    if path == "/slow":
        (FOLDER / "begun").touch()
        time.sleep(2)
        (FOLDER / "finished").touch()
    if path == "/fault":
        raise RuntimeError("the application failed")
    if path in {"/echo", "/large-body"}:
        told: dict[str, Any] = {
            key: value for key, value in environ.items() if type(value) is str
        }
        told["crowded"] = environ["signer.crowded"]
        told["taken"] = len(environ["wsgi.input"].read())
        body, kind = json.dumps(told).encode(), "application/json"
        if environ["QUERY_STRING"] == "hold":
            time.sleep(2)
    if path == "/form":
        time.sleep(2)
        status = "303 See Other"
    start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    FOLDER = Path(asked["folder"])
    logging.basicConfig(level=logging.INFO)
    server = Server(
        lambda: application,
        bind=asked["bind"],
        processes=asked["processes"],
        threads=asked["threads"],
        refusal_headers={"X-Of-All": "yes"},
        limits=Limits(**asked["limits"], client=client),
    )
    server.cfg.set("worker_class", Fragile)
    server.run()
