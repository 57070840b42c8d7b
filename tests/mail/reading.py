"""Reading a mail back, as the program of whoever gets it does."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage


def read_back(message: EmailMessage) -> EmailMessage:
    return message_from_bytes(message.as_bytes(), policy=default)


def part(message: EmailMessage, subtype: str) -> str:
    body = message.get_body((subtype,))
    assert body is not None
    return str(body.get_content())


def mailbox_in(message: EmailMessage, header: str) -> tuple[str, str]:
    """Name and address, read by the older parser.

    It drops the space between two encoded words, as RFC 2047 §6.2 says; the newer
    one keeps it in some releases of Python.
    """
    raw = message_from_bytes(message.as_bytes())[header]
    name, address = parseaddr(raw)
    return str(make_header(decode_header(name))), address
