"""The operator's guide, command by command: from an empty folder to a signed PDF.

Every block that the guide marks is run as it stands there. Replaced are paths, ports
and the mail server, and one thing more, on purpose and loudly: the virtual environment
is the present one, since installing from a registry takes minutes and a network.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import REPOSITORY
from tests.production.launching import until
from tests.production.mail_server import MailServer, mail_server
from tests.production.test_nginx import NAME, ClientOfNginx, nginx
from tests.production.visitor import Visitor
from tests.workflows.post_office import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = [pytest.mark.tool("nginx"), pytest.mark.tool("curl")]

GUIDE = REPOSITORY / "docs" / "guides" / "operators" / "installing.md"
MARKED = re.compile(
    r"^<!-- first signature(?:: (?P<kind>[^>]+?))? -->\n```(?:sh|ini)\n"
    r"(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
INSTALLING = """\
python3 -m venv .venv
.venv/bin/pip install --require-hashes --requirement requirements/service.txt
.venv/bin/pip install --no-deps --no-build-isolation --editable .
"""
PARENTS = """\
parent_name,parent_email,relationship,child_name,year_group
Amira Khan,amira@example.org,mother,Yusuf Khan,Year 8
"""
GUIDES_MAIL = "smtp://user:password@mail.school.example:587?tls=require"
PATIENCE = 180.0


@dataclass
class Operator:
    """Somebody who does what the guide says.

    Attributes:
        folder: stands for the server's root.
        port: where the service listens in place of 8000.
        mail: stands for the school's mail server.
        loaded: the lines that load the settings, once the guide has come to them.
    """

    folder: Path
    port: int
    mail: MailServer
    loaded: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def checkout(self) -> Path:
        """The project's folder."""
        return self.folder / "checkout"

    def here(self, text: str) -> str:
        """The guide's text with paths, port and mail server of the test."""
        for theirs, ours in (
            ("/etc/signer", f"{self.folder}/etc/signer"),
            ("/var/lib/signer", f"{self.folder}/var/lib/signer"),
            ("127.0.0.1:8000", f"127.0.0.1:{self.port}"),
            (GUIDES_MAIL, self.mail.url),
        ):
            text = text.replace(theirs, ours)
        return text

    def shell(self, text: str) -> str:
        """Run a block as one script that stops at the first failure."""
        done = subprocess.run(
            ["sh", "-eu", "-c", self._script(text)],
            cwd=self.checkout,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(self, command: str) -> None:
        """Start one of the two processes, and leave it running."""
        if command == "signer serve":
            # The port is the test's.
            command += f" --bind 127.0.0.1:{self.port}"
        with (self.folder / f"{command.split()[1]}.log").open("wb") as log:
            process = subprocess.Popen(
                ["sh", "-eu", "-c", self._script(f"exec .venv/bin/{command}")],
                cwd=self.checkout,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)

    def logs(self) -> str:
        """What both processes have logged."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def _script(self, text: str) -> str:
        # "signer" stands for ".venv/bin/signer", as the guide says.
        return f'signer() {{ .venv/bin/signer "$@"; }}\n{self.loaded}\n{text}'

    @staticmethod
    def _environment() -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
        # The code under test, whatever the clone's commit holds.
        return {**kept, "PYTHONPATH": str(REPOSITORY), "NO_MKDOCS_2_WARNING": "1"}


@contextmanager
def operator(folder: Path) -> Iterator[Operator]:
    """Somebody with an empty folder, a clone of the project and a mail server."""
    with mail_server(folder / "mail") as mail:
        person = Operator(folder, free_port(), mail)
        clone = ["git", "clone", "--quiet", str(REPOSITORY), str(person.checkout)]
        subprocess.run(clone, check=True)
        (person.checkout / "parents.csv").write_text(PARENTS)
        try:
            yield person
        finally:
            for process in person.processes:
                process.send_signal(signal.SIGTERM)
            for process in person.processes:
                process.wait(PATIENCE)


def follow(person: Operator, kind: str | None, text: str) -> None:
    """Do what one marked block says."""
    if text == INSTALLING:
        warnings.warn("NOT RUN, the present .venv stands in:\n" + text, stacklevel=2)
        (person.checkout / ".venv").symlink_to(sys.prefix)
        return
    text = person.here(text)
    if kind is None:
        if "/readyz" in text:
            until(lambda: ready(person), PATIENCE, what="the service and its worker")
        person.shell(text)
    elif kind == "settings":
        person.loaded = text
        person.shell("env | grep -q ^SIGNER_SECRET_KEYS=")
    elif kind == "processes":
        for command in text.splitlines():
            person.start(command)
    else:
        path = Path(person.here(kind.removeprefix("added to ")))
        with path.open("a") as file:
            file.write(text)


def ready(person: Operator) -> bool:
    """Whether nothing is wrong; the guide's own command is run after that."""
    assert all(process.poll() is None for process in person.processes), person.logs()
    try:
        address = f"http://127.0.0.1:{person.port}/readyz"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        time.sleep(0.5)
        return False


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("always:NOT RUN")
def test_the_guide_leads_from_an_empty_folder_to_a_signed_pdf(tmp_path: Path) -> None:
    """Install, set up, run, ask; then a parent signs behind nginx, and it verifies."""
    blocks = [(m["kind"], m["text"]) for m in MARKED.finditer(GUIDE.read_text("utf-8"))]
    assert blocks[0] == (None, INSTALLING)
    whole = "".join(text for _, text in blocks)
    for command in ("signer db upgrade", "signer keys init", "signer ask\n"):
        assert command in whole
    plain, secure = free_port(), free_port()
    with operator(tmp_path) as person:
        with nginx(tmp_path / "nginx", person.port, plain, secure):
            for kind, text in blocks:
                follow(person, kind, text)
            until(lambda: "amira@example.org" in person.mail.links(), PATIENCE)
            link = person.mail.links()["amira@example.org"]
            assert link.startswith(f"https://{NAME}/s/")
            visitor = Visitor(f"https://{NAME}", [secure])
            visitor.client = ClientOfNginx(secure)
            signature = visitor.sign(link, "Amira Khan")
            visitor.close()
        assert signature.pdf
        file = tmp_path / f"{signature.reference}.pdf"
        file.write_bytes(signature.pdf)
        said = person.shell(f"signer verify {file}")
        assert "genuine" in said.lower()
        until(
            lambda: any(one.declaration for one in person.mail.kept()),
            PATIENCE,
            what="the receipt",
        )
        assert [one.declaration for one in person.mail.kept() if one.declaration] == [
            signature.reference
        ]
        logged = person.logs()
    assert "Traceback" not in logged
    for personal in ("Amira", "amira@example.org", link.rpartition("/")[2]):
        assert personal not in logged
    # The same id from the click, by way of the seal, to the mail with the receipt.
    clicked, sealed, mailed = (
        re.search(pattern + r".* \[(\S+)\]$", logged, re.MULTILINE)
        for pattern in (
            r"POST /sign/<ref>/signed",
            "declaration sealed",
            r"\(receipt\)",
        )
    )
    assert clicked
    assert sealed
    assert mailed
    assert clicked[1] == sealed[1] == mailed[1]
