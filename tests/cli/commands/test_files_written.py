"""Each command that writes a file, on a disk that is full, and on a read-only one.

It says so in one sentence, ends with 1, and leaves what was there as it was.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from signer.pki.make_keys import AUTHORITY_KEY
from signer.store.tables import Declaration
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.requests.follow_link import open_link
from tests.cli.invoking import signer
from tests.production.harness.disks import read_only
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles
    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

COMMANDS = {
    "parent export": ("parent", "export", "amira@example.org", "--out", "{out}"),
    "log checkpoint": ("log", "checkpoint", "--out", "{out}"),
    "log prove": ("log", "prove", "{declaration}", "--out", "{out}"),
    "backup": ("backup", "{out}"),
    "backup, encrypted": ("backup", "{out}", "--recipient", "{recipient}"),
    "audit export": ("audit", "export", "{out}"),
    "keys init": ("keys", "init", "--folder", "{out}"),
    "keys crl": ("keys", "crl", "--out", "{out}", "--ca-key", "{authority}"),
    "keys log": ("keys", "log"),
}
REPLACING = {"log checkpoint", "log prove", "keys crl"}
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A file to write, in a folder of its own."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "written"


@pytest.fixture
def signed(app_context: AppContext) -> AppContext:
    """Amira has signed, and the log's head covers it."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    sign_checkpoint(app_context)
    return app_context


def typed(
    name: str, app_context: AppContext, out: Path, keys: KeyFiles
) -> tuple[str, ...]:
    with app_context.sessions.reading() as session:
        declaration = session.query(Declaration).one().id
    values = {
        "out": str(out),
        "declaration": declaration,
        "recipient": RECIPIENT,
        "authority": str(keys.seal_key.with_name(AUTHORITY_KEY)),
    }
    return tuple(word.format(**values) for word in COMMANDS[name])


@contextmanager
def full(_folder: Path) -> Iterator[None]:
    """No file may grow beyond a few bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python would keep the first bytes of what it compiles meanwhile, for everybody.
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = writes


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("disk", [full, read_only])
def test_a_file_that_cannot_be_written_is_told_in_one_sentence(
    signed: AppContext, out: Path, key_files: KeyFiles, name: str, disk: Any
) -> None:
    """Nothing broken stays, and nothing is changed."""
    app_context = signed
    if name == "keys log":
        # The log's key is to be made in the folder.
        app_context.settings = replace(app_context.settings, log_key_file=out)
    if name in REPLACING and name != "keys crl":
        out.write_text("what was there")
    elif name == "keys crl":
        shutil.copy(key_files.revocation_list, out)
    before = {path.name: path.read_bytes() for path in out.parent.iterdir()}
    command = typed(name, app_context, out, key_files)
    with disk(out.parent):
        done = signer(app_context.settings, *command)
    assert done.exit_code == 1, done.output
    told = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(told) == 1, done.stderr
    assert told[0].startswith("Error: ")
    assert str(out) in told[0]
    reason = errno.EFBIG if disk is full else errno.EROFS
    assert os.strerror(reason) in told[0]
    assert {p.name: p.read_bytes() for p in out.parent.iterdir()} == before


def test_a_head_that_cannot_be_kept_is_no_success(
    signed: AppContext, out: Path
) -> None:
    """The log's head is signed and in the database; the file beside it is not."""
    app_context = signed
    app_context.settings = replace(app_context.settings, checkpoint_file=out)
    with read_only(out.parent):
        done = signer(app_context.settings, "log", "checkpoint", "--without-file")
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert f"The file {out} could not be written: Read-only file system." in done.stderr
    assert signer(app_context.settings, "log", "checkpoint").exit_code == 0
    assert out.is_file()
