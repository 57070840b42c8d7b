"""The operator's guide, command by command: from an empty folder to a signed PDF.

Every block of the guide is typed as it stands there, but for the commands that
`guide.NOT_TYPED` names and gives the reasons of. Replaced are paths, ports, the
project's address, the mail server and the public key of the backups. Where this is
root, nobody's id stands in for the user `signer`: what the guide has root do is done as
root, and all else without any right of root.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyrage
import pytest

from tests.conftest import REPOSITORY
from tests.ports import free_port
from tests.production.guide import (
    GUIDE,
    GUIDES,
    NOT_TYPED,
    blocks_of,
    left_out,
    to_type,
)
from tests.production.harness.launching import until
from tests.production.harness.mail_server import MailServer, mail_server
from tests.production.harness.other_user import (
    folder_for,
    make_environment,
    other_user,
    prefix,
)
from tests.production.harness.units import Unit, read_unit
from tests.production.harness.visitor import Visitor
from tests.production.test_nginx import NAME, ClientOfNginx, nginx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = [pytest.mark.tool(name) for name in ("nginx", "curl", "openssl", "git")]

PARENTS = """\
parent_name,parent_email,relationship,child_name,year_group
Amira Khan,amira@example.org,mother,Yusuf Khan,Year 8
"""
SYSTEMS_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
GUIDES_MAIL = "smtp://user:password@mail.school.example:587?tls=require"
PUBLIC_KEY = str(pyrage.x25519.Identity.generate().to_public())
PATIENCE = 180.0


@dataclass
class Operator:
    """Somebody who does what the guide says.

    Attributes:
        folder: stands for the server's root.
        port: where the service listens in place of 8000.
        mail: stands for the school's mail server.
        user: whose id stands for the user `signer`; without one, the present user's.
        loaded: what is typed in each shell, once the guide has come to it.
        printed: what the commands have printed.
    """

    folder: Path
    port: int
    mail: MailServer
    user: int | None
    loaded: str = ""
    printed: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def checkout(self) -> Path:
        """The project's folder."""
        return self.folder / "checkout"

    @property
    def units(self) -> Path:
        """Where systemd would read its units."""
        return self.folder / "etc" / "systemd" / "system"

    @property
    def backups(self) -> Path:
        """Where the nights' backups go."""
        return self.folder / "var" / "backups" / "signer"

    def here(self, text: str) -> str:
        """The guide's text with paths, port and mail server of the test."""
        for theirs, ours in (
            ("git clone ADDRESS", f"git clone {self.folder}/project.git"),
            ("/etc/systemd/system", str(self.units)),
            ("/etc/signer", f"{self.folder}/etc/signer"),
            ("/var/lib/signer", f"{self.folder}/var/lib/signer"),
            ("/var/backups/signer", str(self.backups)),
            ("/opt/signer", str(self.checkout)),
            ("age1…", PUBLIC_KEY),
            ("127.0.0.1:8000", f"127.0.0.1:{self.port}"),
            (GUIDES_MAIL, self.mail.url),
            # Nobody is there to answer, and the notice is the project's own proposal.
            ("signer ask\n", "signer ask --yes --although-notice-unconfirmed\n"),
        ):
            text = text.replace(theirs, ours)
        return text

    def shell(self, text: str, given: str | None = None) -> str:
        """Type a block into the user's shell, which stops at the first failure."""
        # "signer" stands for ".venv/bin/signer", as the guide says.
        function = 'signer() { .venv/bin/signer "$@"; }'
        script = f"{function}\n{self.loaded}\n{text}"
        printed = self.run(["sh", "-eu", "-c", script], self.environment(), given)
        self.printed += printed
        return printed

    def run(
        self, command: list[str], environment: dict[str, str], given: str | None = None
    ) -> str:
        """Run a program as the user, to its end."""
        done = subprocess.run(
            [*prefix(self.user), *command],
            cwd=self.checkout,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}{done.stderr}"
        return done.stdout

    def as_root(self, text: str) -> None:
        """Type a block into the shell of root, or of whoever this is."""
        ids = "" if self.user is None else f"--owner {self.user} --group {self.user}"
        script = self.here(text).replace("--owner signer --group signer", ids)
        subprocess.run(["sh", "-euc", script], check=True)

    def start(self, unit: Unit) -> None:
        """Start what a unit says, with nothing around it but what systemd gives."""
        assert unit.user == "signer"
        assert unit.folder == self.checkout
        (command,) = unit.commands
        with (self.folder / f"{command[1]}.log").open("wb") as log:
            process = subprocess.Popen(
                [*prefix(self.user), *command],
                cwd=unit.folder,
                env=self.environment_of(unit),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)

    def logs(self) -> str:
        """What both processes have logged."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def environment(self) -> dict[str, str]:
        """What the user's shell starts with."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
        home = (
            {} if self.user is None else {"HOME": str(self.folder / "var/lib/signer")}
        )
        # The code under test, whatever the clone's commit holds.
        code = {"PYTHONPATH": str(REPOSITORY), "NO_MKDOCS_2_WARNING": "1"}
        return {**kept, **home, **code}

    def environment_of(self, unit: Unit) -> dict[str, str]:
        """What systemd gives a service."""
        code = {"PYTHONPATH": str(REPOSITORY)}
        return {"PATH": SYSTEMS_PATH, **code, **unit.environment}


@contextmanager
def operator(folder: Path) -> Iterator[Operator]:
    """Somebody with an empty folder, the project's address and a mail server."""
    with (
        folder_for(user := other_user(), folder / "server") as server,
        mail_server(folder / "mail") as mail,
    ):
        server.mkdir(exist_ok=True)
        person = Operator(server, free_port(), mail, user)
        person.units.mkdir(parents=True)
        project = server / "project.git"
        # No hard links to the files of this one, whose owner then changes.
        clone = ["git", "clone", "--quiet", "--bare", "--depth", "1"]
        subprocess.run([*clone, f"file://{REPOSITORY}", str(project)], check=True)
        if user is not None:
            for path in (project, *project.rglob("*")):
                shutil.chown(path, user, user)
        try:
            yield person
        finally:
            for process in person.processes:
                process.send_signal(signal.SIGTERM)
            for process in person.processes:
                process.wait(PATIENCE)


def follow(person: Operator, kind: str | None, text: str) -> None:
    """Do what one marked block says."""
    if ".venv/bin/pip" in text:
        make_environment(person.checkout / ".venv", person.user)
        (person.checkout / "parents.csv").write_text(PARENTS)
    text = to_type(text)
    if kind in {"root", "units"}:
        person.as_root(text)
        if kind == "units":
            check_units(person)
            for name in ("serve", "worker"):
                person.start(unit_of(person, name))
        return
    text = person.here(text)
    if kind is None:
        if "/readyz" in text:
            until(lambda: ready(person), PATIENCE, what="the service and its worker")
        person.shell(text)
    elif kind == "shell":
        person.loaded = text
    elif kind == "settings":
        person.loaded += text
        person.shell("env | grep -q ^SIGNER_SECRET_KEYS=")
    else:
        path = person.here(kind.removeprefix("added to "))
        person.shell(f"cat >> {path}", given=text)


def unit_of(person: Operator, name: str) -> Unit:
    """Read a unit that the guide has had installed, with the paths of the test."""
    return read_unit(person.here((person.units / f"signer-{name}.service").read_text()))


def check_units(person: Operator) -> None:
    """Where systemd's own program is at hand, it finds nothing wrong with them."""
    units = sorted(map(str, person.units.iterdir()))
    assert len(units) == 4
    if shutil.which("systemd-analyze") is None:
        warnings.warn("NOT RUN, not installed: systemd-analyze verify", stacklevel=2)
        return
    command = ["systemd-analyze", "verify", *units]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def check_backups(person: Operator) -> None:
    """The timer's service and the crontab's line each make an encrypted backup."""
    unit = unit_of(person, "backup")
    for command in unit.commands:
        person.run(command, person.environment_of(unit))
    ((kind, line),) = blocks_of(GUIDES / "backups.md")
    assert kind == "crontab"
    # Five words say when; cron takes a % for the end of a line, where none escapes it.
    job = person.here(line).strip().split(None, 5)[5].replace("\\%", "%")
    bare = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)}
    time.sleep(1.1)  # The names differ by the second.
    person.run(["/bin/sh", "-c", job], bare)
    made = sorted(person.backups.iterdir())
    assert len(made) == 2
    for path in made:
        assert path.name.endswith(".backup.age")
        assert path.read_bytes().startswith(b"age-encryption.org/v1")


def check_owners(person: Operator) -> None:
    """All that was made belongs to the user, and nobody else comes to the secrets."""
    owner = os.geteuid() if person.user is None else person.user
    for part in ("etc/signer", "var/lib/signer", "var/backups/signer"):
        top = person.folder / part
        assert top.stat().st_mode & 0o077 == 0
        for path in (top, *top.rglob("*")):
            assert path.lstat().st_uid == owner, path
    for path in (person.folder / "etc" / "signer").iterdir():
        assert path.stat().st_mode & 0o077 == 0


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


def test_what_no_test_types_is_named_in_the_guide() -> None:
    """Every block is followed, and each command that is left out is told by name."""
    page = GUIDE.read_text("utf-8")
    assert page.count("\n```sh\n") + page.count("\n```ini\n") == len(blocks_of(GUIDE))
    lines = [line for _, text in blocks_of(GUIDE) for line in text.splitlines()]
    claim = page[page.index("An automated test types ") :]
    claim = claim.partition("\n\nThere are 3 more")[0]
    assert {left_out(line) for line in lines} - {None} == set(NOT_TYPED)
    assert [name for name in NOT_TYPED if f"`{name}`" not in claim] == []


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("always:NOT RUN")
def test_the_guide_leads_from_an_empty_folder_to_a_signed_pdf(tmp_path: Path) -> None:
    """Install, set up, run, ask; then a parent signs behind nginx, and it verifies."""
    blocks = blocks_of(GUIDE)
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
        file = person.folder / f"{signature.reference}.pdf"
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
        check_backups(person)
        check_owners(person)
        # What openssl prints is what was printed when the keys were made.
        made, _, again = person.printed.partition("Fingerprint=")
        assert again.split()[0] in made
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
