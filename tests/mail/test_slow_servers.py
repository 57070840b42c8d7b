"""One mail never takes longer than its deadline, whatever the server does."""

from __future__ import annotations

import time

import pytest

from signer.errors import MailDeferred, MailRefused, MailServerTrouble, TroubleScope
from signer.mail.smtp import (
    CONNECT_SECONDS,
    DEADLINE_SECONDS,
    MAILS_PER_CONNECTION,
    SmtpTransport,
)
from tests.mail.examples import mail
from tests.mail.slow_server import HOST, STEPS, Fault, SlowServer

PATIENCE = 30


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize(
    ("step", "pipelining"),
    [(step, False) for step in STEPS] + [(step, True) for step in STEPS[2:]],
)
def test_a_server_that_hangs_is_given_up_in_time(
    step: str, fault: Fault, *, pipelining: bool
) -> None:
    """Silent, a byte at a time, a reply without end, or cut: at each step."""
    began = time.monotonic()
    breaks_off = fault in {Fault.CUT, Fault.FLOODS}
    # What breaks off is not waited for: however busy this machine is, no limit is met.
    timeout, deadline = (PATIENCE, PATIENCE) if breaks_off else (0.3, 0.6)
    with (
        SlowServer(step, fault, pipelining=pipelining).open() as server,
        pytest.raises(MailServerTrouble) as raised,
    ):
        SmtpTransport(
            host=HOST, port=server.port, timeout=timeout, deadline=deadline
        ).send(mail())
    assert time.monotonic() - began < PATIENCE
    before = step in {"greeting", "ehlo"}
    if before:
        assert raised.value.scope is TroubleScope.CONNECTION
    elif breaks_off:
        assert raised.value.scope is TroubleScope.BUSY
    else:
        assert raised.value.scope is TroubleScope.STALLED
    assert server.offered == (step == "end")


@pytest.mark.parametrize("fault", list(Fault))
def test_a_mail_that_was_taken_is_sent_whatever_the_goodbye(fault: Fault) -> None:
    """The answer to the mail stands, and the goodbye is not waited for."""
    began = time.monotonic()
    with SlowServer("quit", fault).open() as server:
        transport = SmtpTransport(host=HOST, port=server.port)
        assert transport.send(mail()) == "250 kept"
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("pipelining", [False, True])
def test_many_mails_go_over_one_connection(*, pipelining: bool) -> None:
    """It is opened anew after a hundred, and where the server closed it."""
    with SlowServer(pipelining=pipelining).open() as server:
        transport = SmtpTransport(host=HOST, port=server.port)
        with transport.session() as session:
            for number in range(MAILS_PER_CONNECTION + 1):
                session.send(mail(message_id=f"<{number}@x.example>"))
    assert server.offered == MAILS_PER_CONNECTION + 1
    assert server.connections == 2


@pytest.mark.parametrize("pipelining", [False, True])
def test_a_recipient_that_is_refused_costs_the_next_mail_nothing(
    *, pipelining: bool
) -> None:
    """The server asks for the mail all the same, and gets none; the next is whole."""
    with SlowServer(pipelining=pipelining).open() as server:
        transport = SmtpTransport(host=HOST, port=server.port)
        with transport.session() as session:
            session.send(mail())
            server.refused = b"550 5.1.1 no such user\r\n"
            with pytest.raises(MailRefused, match="no such user"):
                session.send(mail())
            server.refused = b""
            assert session.send(mail()) == "250 kept"
    assert (server.offered, server.connections) == (2, 1)


@pytest.mark.parametrize("pipelining", [False, True])
def test_a_connection_that_the_server_closed_is_opened_anew(
    *, pipelining: bool
) -> None:
    """Between two mails nothing is lost by it, and no mail waits for it."""
    with SlowServer(pipelining=pipelining).open() as server:
        transport = SmtpTransport(host=HOST, port=server.port, timeout=5, deadline=5)
        with transport.session() as session:
            session.send(mail())
            server.step, server.fault = "mail", Fault.CUT
            with pytest.raises(MailServerTrouble):
                session.send(mail())
            server.step = ""
            assert session.send(mail()) == "250 kept"
    assert server.connections == 3
    assert server.offered == 2


@pytest.mark.parametrize("pipelining", [False, True])
def test_a_server_that_never_asks_for_the_mail_has_not_taken_it(
    *, pipelining: bool
) -> None:
    """Whatever it says in place of "go on", the mail waits and is offered again."""
    with SlowServer(pipelining=pipelining).open() as server:
        server.go_on = b"250 OK\r\n"
        transport = SmtpTransport(host=HOST, port=server.port)
        with pytest.raises(MailDeferred, match="250 OK"):
            transport.send(mail())
    assert server.offered == 0


def test_connecting_leaves_time_for_the_mail() -> None:
    """The time for a mail holds the time for connecting, and more."""
    assert CONNECT_SECONDS < DEADLINE_SECONDS
