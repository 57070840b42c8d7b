"""Children come and go; whoever is being answered gets the answer."""

from __future__ import annotations

import os
import signal
import socket
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from signer.errors import EXIT_DATABASE_REPLACED
from tests.server.conftest import PATIENCE, Service, read_all, served, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLOW = b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A server of two children."""
    with served(tmp_path, processes=2) as running:
        yield running


def is_replaced(service: Service, child: int) -> bool:
    """Whether there are two children, and this one is none of them."""
    return len(service.children()) == 2 and child not in service.children()


def both_answer(service: Service) -> bool:
    """Whether each of the two has come up: one that was only begun may yet fail."""
    return len({service.child() for _ in range(20)}) == 2


def test_a_child_that_is_killed_is_replaced(service: Service) -> None:
    """At once, and the others go on."""
    for _ in range(3):
        wait_until(lambda: len(service.children()) == 2)
        killed = service.children().pop()
        os.kill(killed, signal.SIGKILL)
        wait_until(partial(is_replaced, service, killed))
        assert service.get("/") == (200, b"hello")


def test_a_child_that_does_not_come_up_ends_nothing(service: Service) -> None:
    """The healthy one serves on; when the cause is gone there are two again."""
    wait_until(lambda: both_answer(service))
    (service.folder / "broken").touch()
    killed, kept = sorted(service.children())
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: service.log.read_text().count("ended before it served") >= 3)
    assert service.process.poll() is None
    assert alive(kept)
    for _ in range(5):
        assert service.child() == kept
    (service.folder / "broken").unlink()
    wait_until(lambda: both_answer(service))


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_an_answer_under_way_is_finished(service: Service, ending: int) -> None:
    """Then the server ends in good order, and takes no one else in."""
    with service.connect(SLOW) as connection:
        wait_until((service.folder / "begun").exists)
        service.process.send_signal(ending)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in answer
    assert answer.endswith(b"hello")
    assert service.process.wait(PATIENCE) == 0
    with pytest.raises(ConnectionRefusedError), socket.socket() as probe:
        probe.connect(("127.0.0.1", service.port))


def test_ctrl_c_at_a_terminal_finishes_it_too(service: Service) -> None:
    """There every process gets the signal at once."""
    with service.connect(SLOW) as connection:
        wait_until((service.folder / "begun").exists)
        for process in (*service.children(), service.process.pid):
            os.kill(process, signal.SIGINT)
        assert read_all(connection).endswith(b"hello")
    assert service.process.wait(PATIENCE) == 0


def test_half_a_form_is_waited_for(service: Service) -> None:
    """A button that was pressed just before still counts."""
    with service.connect(
        b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6\r\n\r\nabc"
    ) as connection:
        time.sleep(0.5)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(b"def")
        assert b'"taken": 6' in read_all(connection)
    assert service.process.wait(PATIENCE) == 0


def test_what_came_of_a_form_can_be_read(service: Service) -> None:
    """The page that a form leads to is the last that is answered on its connection."""
    with service.connect(
        b"POST /form HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc"
    ) as connection:
        time.sleep(0.5)
        service.process.send_signal(signal.SIGTERM)
        assert connection.recv(65536).startswith(b"HTTP/1.1 303 ")
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = read_all(connection)
    assert answer.endswith(b"hello")
    assert b"Connection: close" in answer
    assert service.process.wait(PATIENCE) == 0


def test_nobody_can_keep_it_from_ending(tmp_path: Path) -> None:
    """Idle and slow connections are closed; an answer has so many seconds."""
    with served(tmp_path, shutdown_seconds=1) as service:
        held = [
            service.connect(sent, window=2048)
            for sent in (
                b"",
                b"GET / HTTP/1.1\r\nHost: ",
                b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            )
        ]
        time.sleep(0.5)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(PATIENCE) == 0
        for connection in held:
            connection.close()


def test_sigquit_waits_for_nobody(service: Service) -> None:
    """For whoever is in a hurry."""
    with service.connect(SLOW):
        wait_until((service.folder / "begun").exists)
        service.process.send_signal(signal.SIGQUIT)
        service.process.wait(PATIENCE)
    assert not (service.folder / "finished").exists()


def test_a_hang_up_replaces_the_children(service: Service) -> None:
    """One after the other, and finishes what is under way."""
    wait_until(lambda: len(service.children()) == 2)
    before = service.children()
    with service.connect(SLOW) as connection:
        wait_until((service.folder / "begun").exists)
        service.process.send_signal(signal.SIGHUP)
        assert read_all(connection).endswith(b"hello")
    wait_until(lambda: len(service.children()) == 2)
    wait_until(lambda: not before & service.children())
    assert service.get("/") == (200, b"hello")


def test_no_child_that_can_go_on_ends_the_server_with_its_code(
    service: Service,
) -> None:
    """Each finds the same out, and a supervisor leaves alone what ends with that."""
    wait_until(lambda: len(service.children()) == 2)
    (service.folder / "gone").touch()
    assert service.process.wait(PATIENCE) == EXIT_DATABASE_REPLACED
    assert "Traceback" not in service.log.read_text("utf-8")


def test_children_without_a_master_end(service: Service) -> None:
    """Nothing would hold their sockets together, and nothing would replace them."""
    wait_until(lambda: len(service.children()) == 2)
    children = service.children()
    service.process.kill()
    service.process.wait()
    wait_until(lambda: not any(map(alive, children)))


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed does not."""
    try:
        with open(f"/proc/{process}/stat") as told:  # noqa: PTH123 - as short as it gets
            return told.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
