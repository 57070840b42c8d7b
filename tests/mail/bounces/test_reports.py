"""Reading what mail servers send back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.mail.bounces.reports import (
    LARGEST,
    Action,
    Bounce,
    Finality,
    finality,
    read_bounces,
    without_addresses,
)
from tests.mail import bounce_examples as examples
from tests.mail.bounce_examples import EMAIL, REF, report

NOT_FOUND = {
    "Postfix": examples.POSTFIX,
    "Postfix, headers alone": examples.POSTFIX_HEADERS,
    "Gmail": examples.GMAIL,
    "Exim": examples.EXIM,
    "qmail": examples.QMAIL,
}


@pytest.mark.parametrize("raw", NOT_FOUND.values(), ids=NOT_FOUND)
def test_a_bounce_names_the_mail_and_the_recipient(raw: bytes) -> None:
    """Whichever server wrote it: our reference, the address, what became of it."""
    (bounce,) = read_bounces(raw)

    assert bounce.references == (REF,)
    assert set(bounce.recipients) == {EMAIL}
    assert (bounce.action, bounce.status) == (Action.FAILED, "5.1.1")


@pytest.mark.parametrize("raw", NOT_FOUND.values(), ids=NOT_FOUND)
def test_a_diagnostic_holds_no_address(raw: bytes) -> None:
    """What the server said is kept without whom it said it of."""
    (bounce,) = read_bounces(raw)

    assert "@" not in bounce.diagnostic
    assert "amira" not in bounce.diagnostic.lower()
    assert "550" in bounce.diagnostic


def test_exchange_names_the_mailbox_and_the_address_that_was_written_to() -> None:
    """Both are compared with the register, in small letters."""
    (bounce,) = read_bounces(examples.EXCHANGE)

    assert bounce.recipients == (EMAIL, "ak1234@tenant.example")
    assert bounce.status == "5.1.10"


def test_a_delay_is_no_failure() -> None:
    """A server that goes on trying says so, and its words tell of no end."""
    (bounce,) = read_bounces(examples.POSTFIX_DELAYED)

    assert bounce.action is Action.DELAYED
    assert read_bounces(examples.EXIM_DELAYED) == ()


@pytest.mark.parametrize(
    "raw",
    [examples.OUT_OF_OFFICE, examples.CHALLENGE, examples.READ_RECEIPT, b"", b"\xff"],
    ids=["out of office", "challenge", "read receipt", "empty", "garbage"],
)
def test_other_mail_is_no_bounce(raw: bytes) -> None:
    """An automatic reply, a challenge or a receipt tells of no failure."""
    assert read_bounces(raw) == ()


def test_a_bounce_without_the_mail_is_known_by_where_it_went() -> None:
    """With VERP the address that the bounce was sent to names the mail."""
    raw = report(
        status="5.1.1",
        diagnostic="550 unknown",
        ours="Subject: cut\n\n",
        headers=f"X-Original-To: bounces+{REF}@my-online-schooling.example\n",
    )

    (bounce,) = read_bounces(raw)

    assert bounce.references == (REF,)


def test_each_recipient_is_told_of() -> None:
    """A forwarded mail may fail at one of two addresses."""
    both = report(status="5.1.1", diagnostic="550 unknown").replace(
        b"Diagnostic-Code: smtp; 550 unknown\r\n",
        b"\r\nFinal-Recipient: rfc822; second@example.org\r\n"
        b"Action: delivered\r\nStatus: 2.1.5\r\n",
    )

    first, second = read_bounces(both)

    assert (first.action, second.action) == (Action.FAILED, Action.DELIVERED)
    assert second.recipients == ("second@example.org",)


def test_the_fuller_code_counts() -> None:
    """Where a server reports 5.0.0, the code of the one behind it says more."""
    (bounce,) = read_bounces(report(status="5.0.0", diagnostic="552-5.2.2 full"))
    (bare,) = read_bounces(report(status="5.0.0", diagnostic="550 no such user"))

    assert (bounce.status, bare.status) == ("5.2.2", "5.0.0")


def test_a_report_in_utf8_is_read() -> None:
    """RFC 6533: an address in other letters has types of its own."""
    raw = (
        report(status="5.1.1", diagnostic="550 unknown", email="王@example.org")
        .replace(b"message/delivery-status", b"message/global-delivery-status")
        .replace(b"message/rfc822", b"message/global")
    )

    (bounce,) = read_bounces(raw)

    assert bounce.references == (REF,)
    assert bounce.status == "5.1.1"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("5.1.1", Finality.PERMANENT),
        ("5.1.2", Finality.PERMANENT),
        ("5.1.10", Finality.PERMANENT),
        ("5.2.1", Finality.PERMANENT),
        ("5.1.7", Finality.OPERATOR),
        ("5.7.1", Finality.OPERATOR),
        ("5.7.26", Finality.OPERATOR),
        ("5.6.0", Finality.OPERATOR),
        ("5.2.2", Finality.PASSING),
        ("5.4.4", Finality.PASSING),
        ("5.0.0", Finality.PASSING),
        ("4.1.1", Finality.PASSING),
        ("", Finality.PASSING),
    ],
)
def test_only_what_names_the_recipient_is_for_good(
    status: str, expected: Finality
) -> None:
    """A full mailbox passes, and a policy is the operator's trouble."""
    assert finality(status) is expected


def test_what_a_server_says_is_kept_on_one_short_line() -> None:
    """Line ends, control characters and endless words do no harm."""
    said = without_addresses("550\r\n\x1b[31m no <a@b.example>" + " x" * 9999)

    assert said.startswith("550 [31m no <address> x")
    assert len(said) <= 300


def nested(depth: int) -> bytes:
    """Parts in parts in parts."""
    heads = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n'
        for n in range(depth)
    )
    return b"X-Failed-Recipients: a@b.example\n" + heads.encode()


# The colons and semicolons of a parameter are what the library reads slowly.
HOSTILE = {
    "nested parts": nested(5000),
    "nested mails": b"Content-Type: message/rfc822\n\n" * 9000,
    "one line": b"Content-Type: multipart/report; boundary=" + b'";' * 500_000,
    "folded": b'Content-Type: text/plain; a="' + b'\n ;";' * 90_000 + b"\n\nx",
    "angles": b"Hi. This is the qmail-send\n\n" + b"<" * 900_000,
    "at signs": b"X-Failed-Recipients: " + b"@" * 300_000 + b"\n\n" + b"@a" * 300_000,
    "base64 of one line": (
        b"Content-Transfer-Encoding: base64\n\n" + (b"SGkuIFRoaXMg" * 80 + b"\n") * 900
    ),
    "encoded words": b"Subject: =?utf-8?b?" + b"=?" * 100_000 + b"\n\nx",
    "many parts": b"Content-Type: multipart/report; boundary=b\n\n"
    + b"--b\n\n" * 99_000,
    "unknown charset": examples.POSTFIX.replace(b"us-ascii", b"x-none\xff"),
    "8-bit headers": examples.POSTFIX.replace(b"Undelivered", b"\xe9\xff\x00"),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_neither_stops_nor_holds_the_reader(raw: bytes) -> None:
    """Nested, endless or broken: read in seconds, however slow the machine."""
    before = time.process_time()

    bounces = read_bounces(raw)

    assert time.process_time() - before < 10
    assert all(isinstance(one, Bounce) for one in bounces)


def test_a_mail_with_a_large_attachment_is_read_from_its_beginning() -> None:
    """What a report returns comes last, and may be cut."""
    ours = f"Message-ID: {examples.MESSAGE_ID}\nTo: {EMAIL}\n\n" + "x\n" * LARGEST

    (bounce,) = read_bounces(report(status="5.1.1", diagnostic="550", ours=ours))

    assert bounce.references == (REF,)


@given(st.binary(max_size=4000))
def test_any_bytes_are_read(raw: bytes) -> None:
    """Whatever comes in, nothing is raised."""
    read_bounces(raw)


_PIECES = st.sampled_from(
    [
        *(line + b"\r\n" for line in examples.POSTFIX.split(b"\r\n")),
        *(line + b"\n" for line in examples.GMAIL.split(b"\n")),
        *(line + b"\n" for line in examples.EXIM.split(b"\n")),
        *(line + b"\n" for line in examples.QMAIL.split(b"\n")),
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: quoted-printable\n",
        b"Content-Type: message/global-delivery-status\n",
        b"Content-Type: \xff/\xfe; charset=\xff\n",
        b"\x00\n",
    ]
)


@given(st.lists(_PIECES, max_size=60))
def test_any_order_of_the_lines_of_bounces_is_read(lines: list[bytes]) -> None:
    """Bounces cut to pieces and put together anyhow raise nothing."""
    for bounce in read_bounces(b"".join(lines)):
        assert "@" not in bounce.diagnostic
        assert len(bounce.diagnostic) <= 300
