"""The demo as a newcomer starts it, and a browser to walk through it."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import REPOSITORY
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

PICTURES = REPOSITORY / "test-results" / "pictures"
PATIENCE = 120.0
BASE = {
    key: value for key, value in os.environ.items() if not key.startswith("SIGNER_")
}


@dataclass(frozen=True)
class Demo:
    """A running demo.

    Attributes:
        url: where it is served, without a final slash.
        instance: its folder.
    """

    url: str
    instance: Path

    def link(self, name: str) -> str:
        """The newest link that was mailed to a person."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for path in sorted((self.instance / "mail").glob("*.eml"), reverse=True):
                mail = message_from_bytes(path.read_bytes(), policy=policy.default)
                body = mail.get_body(("plain",))
                found = body and re.search(
                    re.escape(self.url) + r"/s/\S+", body.get_content()
                )
                if found and name in str(mail["To"]):
                    return str(found[0])
            time.sleep(0.2)
        pytest.fail(f"no mail with a link went to {name}")

    def attachments(self, name: str) -> list[bytes]:
        """Every file that was mailed to a person, oldest first."""
        found = []
        for path in sorted((self.instance / "mail").glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            if name in str(mail["To"]):
                found += [one.get_content() for one in mail.iter_attachments()]
        return found


@contextmanager
def running(
    *command: str | Path,
    until: str,
    environment: dict[str, str] | None = None,
    folder: Path = REPOSITORY,
) -> Iterator[list[str]]:
    """A process of the product, from the line that says it is ready to its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "signer", *map(str, command)],
        cwd=folder,
        env=environment or BASE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    lines: list[str] = []
    try:
        deadline = time.monotonic() + PATIENCE
        while not any(until in line for line in lines):
            assert time.monotonic() < deadline, lines
            assert process.poll() is None, lines + process.stdout.readlines()
            if select.select([process.stdout], [], [], 1)[0]:
                lines.append(process.stdout.readline())
        yield lines
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`signer demo`, as `make run` starts it, on a free port."""
    instance = tmp_path_factory.mktemp("demo") / "instance"
    port = free_port()
    ready = f"ready http://127.0.0.1:{port}/"
    with running("demo", "--port", str(port), "--instance", instance, until=ready):
        yield Demo(f"http://127.0.0.1:{port}", instance)


CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
"""Chromium keeps to itself."""


CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""Debian's Chromium: the build that never opens a window where it is there, for it
starts and draws the quicker."""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, which keeps to itself."""
    return {
        "executable_path": CHROMIUM,
        "args": CHROMIUM_ARGUMENTS,
    }


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Any:
    """Sees that a page does not scroll sideways; with PICTURES set, keeps a picture.

    It is kept under ``test-results/pictures``, to be looked at. Drawing them all takes
    minutes, and proves nothing while nobody looks.
    """
    count = iter(range(1, 100))

    def keep(page: Page, name: str) -> None:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.wait_for_load_state()
        if os.environ.get("PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            test = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
            path = PICTURES / f"{test}-{next(count):02d}-{name}.png"
            page.screenshot(path=path, full_page=True)
        sideways = page.evaluate("document.documentElement.scrollWidth")
        assert sideways <= width, f"{name} scrolls sideways at {width} px"

    return keep
