"""Verification in a process of its own: what hostile files can and cannot do to it."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signer.declaration.seal.seal import seal
from signer.declaration.verify import Outcome, Result
from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.refused_report import MOST_BYTES
from signer.declaration.verify.sandbox import pool
from signer.declaration.verify.sandbox.limits import MOST_MEMORY
from signer.declaration.verify.sandbox.pool import (
    BROKE_OFF,
    NICENESS,
    NOT_STARTED,
    TOO_BUSY,
    Examiners,
)
from signer.declaration.verify.verify import verify_with
from tests.conftest import MOMENT, REPOSITORY
from tests.declaration.forgery import (
    RELEASED,
    typeset_declaration,
    without_attachments,
)
from tests.declaration.hostile import (
    with_a_number_of,
    with_catalogue_in_a_bomb,
    with_cross_reference_bomb,
    with_object_stream_in_itself,
    with_statement_bomb,
)
from tests.declaration.verify.checks.test_retypeset import RENDERED

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from signer.declaration.verify import Report
    from signer.pki.make_keys import KeyFiles, SealKey

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture(scope="module")
def known(key_files: KeyFiles) -> VerificationInputs:
    """The school's authority and versions."""
    return VerificationInputs(trust_roots=[key_files.authority], released=RELEASED)


@pytest.fixture(scope="module")
def examiners(known: VerificationInputs) -> Iterator[Examiners]:
    """Kept for all tests of this module: whatever one does, the next is answered."""
    with Examiners(known) as examiners:
        yield examiners


def process_of(examiners: Examiners) -> int:
    """The process that will look at the next file."""
    [waiting] = examiners.waiting
    return waiting


def account_of(process: int) -> Path:
    """What Linux tells of a process."""
    return Path("/proc", str(process))


def environment_of(process: int) -> dict[str, str]:
    """The variables that a process was given."""
    raw = (account_of(process) / "environ").read_text(encoding="utf-8")
    return dict(one.split("=", 1) for one in raw.split("\0") if one)


def test_the_report_is_the_same_as_here(
    sealed: bytes, examiners: Examiners, checked: Callable[..., Report]
) -> None:
    """Whatever is in it survives the way back; the time is that of the asker."""
    for pdf in (sealed, sealed[:-9], b"", typeset_declaration()):
        assert examiners.verify(pdf) == checked(pdf)


def test_everything_known_arrives(sealed: bytes, known: VerificationInputs) -> None:
    """Also with nothing at hand, and with the pages typeset again."""
    for what in (
        VerificationInputs(),
        replace(known, tsa_roots=known.trust_roots),
        replace(known, rendered=RENDERED),
    ):
        with Examiners(what) as examiners:
            assert examiners.verify(sealed) == verify_with(what, sealed)


def test_one_process_answers_for_many_files(
    sealed: bytes, examiners: Examiners
) -> None:
    """Starting one takes longer than a file does."""
    examiners.verify(sealed)
    first = process_of(examiners)
    for _ in range(5):
        assert examiners.verify(sealed).genuine
    assert process_of(examiners) == first


def test_threads_ask_at_once(sealed: bytes, known: VerificationInputs) -> None:
    """Each gets the answer to its own question."""
    files = [sealed, sealed[:-9], b"", typeset_declaration()] * 5
    with Examiners(known, most=2) as examiners, ThreadPoolExecutor(6) as threads:
        reports = list(threads.map(examiners.verify, files))
        assert len(examiners.waiting) <= 2
    assert [one.size for one in reports] == [len(one) for one in files]
    assert [one.genuine for one in reports] == [True, False, False, False] * 5


def test_a_file_that_never_ends_is_stopped(
    sealed: bytes, known: VerificationInputs
) -> None:
    """The sentence says so; the next file is answered by another process."""
    with Examiners(known, seconds=1) as examiners:
        report = examiners.verify(with_a_number_of(3_000_000))
        assert report.result is Result.CANNOT_TELL
        assert "longer than 1 seconds" in report.checks[0].sentence
        assert len(report.checks) == 11
        assert examiners.waiting == ()
    with Examiners(known) as examiners:
        assert examiners.verify(sealed).genuine


@pytest.mark.parametrize(
    "make", [with_cross_reference_bomb, with_catalogue_in_a_bomb], ids=["table", "root"]
)
def test_a_bomb_does_not_go_off(
    make: Callable[[int], bytes], examiners: Examiners, sealed: bytes
) -> None:
    """A gigabyte out of one megabyte: an answer, and nothing else happens."""
    pdf = make(1024)
    report = examiners.verify(pdf)
    assert report.result is Result.CANNOT_TELL
    assert examiners.verify(sealed).genuine


def test_a_sealed_bomb_does_not_go_off(
    key: SealKey, examiners: Examiners, sealed: bytes
) -> None:
    """Whoever has a certificate of some kind can seal one, so that it is opened."""
    bare = without_attachments(typeset_declaration())
    report = examiners.verify(seal(with_statement_bomb(bare, 1024), key, at=MOMENT).pdf)
    assert report.result is Result.CANNOT_TELL
    assert "more memory" in report.checks[8].sentence
    assert examiners.verify(sealed).genuine


def test_an_object_within_itself_gets_an_answer(examiners: Examiners) -> None:
    """A loop of object streams neither hangs nor breaks it off."""
    report = examiners.verify(with_object_stream_in_itself())
    assert report.result is Result.CANNOT_TELL
    assert "damaged" in report.checks[0].sentence


def test_a_file_that_is_too_large_is_not_sent_there(known: VerificationInputs) -> None:
    """No process is started for it."""
    with Examiners(known) as examiners:
        report = examiners.verify(b"%PDF-" + bytes(MOST_BYTES))
        assert report.result is Result.CANNOT_TELL
        assert "larger than 50 million bytes" in report.checks[0].sentence
        assert examiners.waiting == ()


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_ended_from_outside_is_replaced(
    sent: signal.Signals, sealed: bytes, known: VerificationInputs
) -> None:
    """That is not the file's doing: it is asked again elsewhere."""
    with Examiners(known) as examiners:
        examiners.verify(sealed)
        first = process_of(examiners)
        os.kill(first, sent)
        assert examiners.verify(sealed).genuine
        assert process_of(examiners) != first


def test_a_machine_that_is_too_busy_is_not_the_fault_of_the_file(
    sealed: bytes, known: VerificationInputs
) -> None:
    """It is not called a trap, and the next file is answered by another process."""
    with Examiners(known, wall_seconds=15) as examiners:
        examiners.verify(sealed)
        first = process_of(examiners)
        os.kill(first, signal.SIGSTOP)
        report = examiners.verify(sealed)
        assert report.result is Result.CANNOT_TELL
        assert report.checks[0].outcome is Outcome.NOT_CHECKED
        assert report.checks[0].sentence == TOO_BUSY
        assert examiners.verify(sealed).genuine
        assert process_of(examiners) != first


def test_waiting_for_a_processor_does_not_count(
    sealed: bytes, known: VerificationInputs
) -> None:
    """A genuine file stays genuine where others keep the machine busy."""
    seconds = 3
    with Examiners(known, seconds=seconds) as examiners, ThreadPoolExecutor(1) as one:
        examiners.verify(sealed)
        process = process_of(examiners)
        os.kill(process, signal.SIGSTOP)
        asked = one.submit(examiners.verify, sealed)
        time.sleep(seconds + 1)
        os.kill(process, signal.SIGCONT)
        assert asked.result().genuine


def test_where_none_can_be_started_the_answer_says_so(
    sealed: bytes,
    known: VerificationInputs,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault of the machine is no fault of the file; the log tells the operator."""
    for program in ("/nonexistent/python", "/bin/true"):
        monkeypatch.setattr(sys, "executable", program)
        caplog.clear()
        with Examiners(known) as examiners, caplog.at_level(logging.ERROR):
            report = examiners.verify(sealed)
        assert report.result is Result.CANNOT_TELL
        assert report.checks[0].outcome is Outcome.NOT_CHECKED
        assert report.checks[0].sentence == NOT_STARTED
        assert "no process to verify in" in caplog.text


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="as Linux tells it")


IMPOSTOR = """\
#!{python}
import sys
sys.path.insert(0, {repository!r})
from signer.declaration.verify.sandbox.framing import read_frame, write_frame
read_frame(sys.stdin.buffer, 10**9)
write_frame(sys.stdout.buffer, b'{{"confined": false}}')
read_frame(sys.stdin.buffer, 10**9)
{answer}
"""


def become(monkeypatch: pytest.MonkeyPatch, path: Path, answer: str) -> None:
    """Let every process be an impostor, which answers its first file as it likes."""
    text = IMPOSTOR.format(
        python=sys.executable, repository=str(REPOSITORY), answer=answer
    )
    path.write_text(text)
    path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(path))


@pytest.mark.parametrize(
    "answer",
    [
        "sys.exit(3)",
        "write_frame(sys.stdout.buffer, b'{}')",
        "write_frame(sys.stdout.buffer, b'not JSON')",
        "sys.stdout.buffer.write(b'\\xff' * 99)",
        "sys.stdout.buffer.write(bytes(7) + b'\\x50' + b'short')",
    ],
)
def test_a_process_that_breaks_off_twice_gives_no_verdict(
    answer: str,
    known: VerificationInputs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What a file makes of it is never a report; a lack of limits is in the log."""
    become(monkeypatch, tmp_path / "python", answer)
    with Examiners(known) as examiners:
        report = examiners.verify(b"%PDF-")
        assert examiners.waiting == ()
    assert report.result is Result.CANNOT_TELL
    assert report.checks[0].sentence == BROKE_OFF
    assert "sets no limit" in caplog.text


def test_a_report_of_another_file_is_refused(
    sealed: bytes,
    known: VerificationInputs,
    examiners: Examiners,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that takes over its process cannot have it answer for a genuine one."""
    genuine = json.dumps(examiners.verify(sealed).as_json()).encode()
    answer = f"write_frame(sys.stdout.buffer, {genuine!r})"
    become(monkeypatch, tmp_path / "python", answer)
    with Examiners(known) as taken_over:
        assert taken_over.verify(sealed).genuine
    with Examiners(known) as taken_over:
        report = taken_over.verify(sealed[:-1])
        assert taken_over.waiting == ()
    assert report.result is Result.CANNOT_TELL
    assert report.checks[0].sentence == BROKE_OFF


@on_linux
def test_the_process_has_a_low_priority_from_its_start(
    known: VerificationInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its imports alone take a second of a processor: whoever reads comes first."""
    start = pool._start  # noqa: SLF001 - the moment before it could lower its own
    priorities = []

    def started(folder: str, seconds: float) -> subprocess.Popen[bytes]:
        process = start(folder, seconds)
        priorities.append(os.getpriority(os.PRIO_PROCESS, process.pid))
        return process

    monkeypatch.setattr(pool, "_start", started)
    with Examiners(known) as examiners:
        examiners.verify(b"")
    assert priorities == [min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)]


@on_linux
def test_the_process_is_confined(
    sealed: bytes,
    known: VerificationInputs,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Little memory, no files, no secrets, and nothing of the folder it starts in."""
    monkeypatch.setenv("SIGNER_SECRET_KEYS", "do not tell")
    (tmp_path / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    with Examiners(known) as examiners:
        assert examiners.verify(sealed).genuine
        process = process_of(examiners)
        assert not [name for name in environment_of(process) if "SIGNER" in name]
        limits = (account_of(process) / "limits").read_text(encoding="ascii")
        # Whoever reads or signs comes first.
        assert os.getpriority(os.PRIO_PROCESS, process) > os.getpriority(
            os.PRIO_PROCESS, 0
        )
    most = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert most["Max address space"] == [str(MOST_MEMORY)] * 2
    assert most["Max file size"] == ["0", "0"]
    assert most["Max core file size"] == ["0", "0"]


@on_linux
def test_no_process_is_left_behind(sealed: bytes, known: VerificationInputs) -> None:
    """Nor a folder: typesetting writes there what a parent declared."""
    deep = replace(known, rendered=RENDERED)
    with Examiners(deep) as examiners:
        examiners.verify(sealed)
        process = process_of(examiners)
        folder = Path(environment_of(process)["TMPDIR"])
        assert list(folder.iterdir())
    assert not account_of(process).exists()
    assert not folder.exists()


def test_closed_while_asked_finishes_the_file(
    sealed: bytes, known: VerificationInputs
) -> None:
    """Whoever waits gets the answer, and the process ends afterwards."""
    with ThreadPoolExecutor(1) as threads:
        with Examiners(known) as examiners:
            asked = threads.submit(examiners.verify, sealed)
            time.sleep(0.1)
        assert asked.result().genuine
        assert examiners.waiting == ()


@given(content=st.binary(max_size=3000))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_bytes_get_an_answer(content: bytes, examiners: Examiners) -> None:
    """Garbage is answered, each time and in time."""
    for pdf in (content, b"%PDF-1.7\n" + content):
        assert examiners.verify(pdf).result in {Result.CANNOT_TELL, Result.NOT_GENUINE}
