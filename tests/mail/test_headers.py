"""Names, addresses and senders of every kind, and what cannot get in by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.errors import MailError, MailRefused, SettingsError
from signer.mail.kinds import Kind
from tests.mail.examples import EMAIL, NAME, mail
from tests.mail.reading import mailbox_in, read_back


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@x.example",
        "a b@x.example",
        "a@x.example\r\nBcc: eve@y.example",
        "a@x.example,eve@y.example",
        "a@x.example>, <eve@y.example",
        "a@x..example",
        "a@" + "x" * 64 + ".example",
        "a@" + "x." * 130 + "example",
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    """No mail is made to it, and the error does not repeat it."""
    with pytest.raises(MailRefused) as refused:
        mail(to_email=address)
    assert not address or address not in str(refused.value)


def test_a_sender_that_cannot_be_names_the_setting() -> None:
    """The operator is told which setting to mend."""
    with pytest.raises(SettingsError, match="SIGNER_MAIL_FROM"):
        mail(sender="The School")


@pytest.mark.parametrize("identity", ["", "one", "<one>", "<a@b>\r\nBcc: <c@d>"])
def test_a_message_id_must_be_one(identity: str) -> None:
    """An id that would break the header is an error."""
    with pytest.raises(MailError, match="message id"):
        mail(message_id=identity)


def test_domains_in_other_letters_are_encoded() -> None:
    """The domain is sent in its ASCII form, which every server takes."""
    raw = mail(to_email="anna@bücher.example").as_bytes()
    assert b"<anna@xn--bcher-kva.example>" in raw
    assert raw.isascii()


def test_addresses_in_other_letters_are_written_in_utf_8() -> None:
    """A mailbox with letters beyond ASCII makes the headers UTF-8 (RFC 6532)."""
    raw = mail(to_email="jürgen@families.example").as_bytes()
    assert "<jürgen@families.example>".encode() in raw


@pytest.mark.parametrize(
    "name",
    [
        "Bell, Anna",
        'Anna "Annie" Bell',
        "Anna \\ Bell",
        "O'Brien",
        "José Ñandú",
        "ليلى حداد",
        "王秀英",
        "अनिता शर्मा",
        "🙂 Smith",
        "=?utf-8?b?RXZl?=",
        "eve@evil.example",
        "Bell <eve@evil.example>",
        "W" * 200,
        "Anna Louise " * 16,
        "अनिता" * 40,
    ],
)
def test_names_of_all_kinds_read_back_in_both_headers(name: str) -> None:
    """To and From show the name, and the address stays the one it was."""
    message = mail(to_name=name, sender=f"{name} <policies@school.example>")
    assert mailbox_in(message, "To") == (name.strip(), EMAIL)
    assert mailbox_in(message, "From") == (name.strip(), "policies@school.example")
    (to,) = read_back(message)["To"].addresses
    assert to.addr_spec == EMAIL


words = st.text(st.characters(codec="utf-8") | st.sampled_from('\r\n\t,"<>@:;\\= '))


@given(name=words, title=words, note=words)
def test_no_header_can_be_smuggled_in(name: str, title: str, note: str) -> None:
    """Whatever names, titles and notes hold, the headers are ours alone."""
    message = mail(
        Kind.OFFICE_DECLINE,
        to_name=name,
        parent_name=name,
        policy_title=title,
        note=note,
    )
    raw = message.as_bytes()
    assert list(read_back(message).keys()) == [
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
        "Content-Language",
    ]
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    again = read_back(message)
    (to,) = again["To"].addresses
    assert to.addr_spec == EMAIL
    visible = "".join(c for c in name if c.isspace() or c.isprintable())
    if visible == name and not any(map(str.isspace, name)):
        assert mailbox_in(message, "To") == (name, EMAIL)


@given(words)
def test_an_address_is_itself_or_refused(address: str) -> None:
    """No address makes a second recipient or another header."""
    try:
        message = mail(to_email=f"a{address}@families.example")
    except MailRefused:
        return
    again = read_back(message)
    assert len(again.keys()) == len(mail().keys())
    (to,) = again["To"].addresses
    assert to.display_name == NAME
    assert to.domain == "families.example"


def test_the_sender_is_the_one_that_is_set() -> None:
    """A quoted name with a comma stays one name."""
    message = read_back(mail(sender='"School, The" <policies@school.example>'))
    (sender,) = message["From"].addresses
    assert sender.display_name == "School, The"
    assert read_back(mail(sender="p@school.example"))["From"] == "p@school.example"
