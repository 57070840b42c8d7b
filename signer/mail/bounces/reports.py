"""Reading a bounce: what a mail server sends back after it had accepted a mail.

Most are delivery status notifications (RFC 3464, RFC 6533). Exim and qmail also
write plain text, which has a form of its own. Everything else in a mailbox, such as
an out-of-office reply, a receipt for reading or a challenge, is no bounce.

What comes in was written by strangers. So what is read of a mail is bounded, a mail
that cannot be read is no bounce, and nothing here says whether it is true: a bounce
counts only where it names a mail that was sent, by 96 random bits.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.message import Message
from enum import StrEnum

from signer.mail.replies import NO_SUCH_RECIPIENT

LARGEST = 256 * 1024
"""How many bytes of a mail are read. A report stands before what it returns."""

MOST_PARTS = 64
"""A mail of more parts than this is no bounce; a returned mail of ours has eight."""

MOST_DELIMITERS = 8 * MOST_PARTS
"""How many lines may begin as one between two parts does."""

LONGEST_LINE = 998  # RFC 5322 §2.1.1
MOST_FOLDS = 40
"""How many lines of one header field are read."""

LONGEST_DIAGNOSTIC = 300

_REFERENCE = re.compile(r"(?<![0-9a-z])([0-9a-f]{24})(?=@)")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SAID_STATUS = re.compile(
    r"\b[245]\d\d[ -]+#?([245]\.\d{1,3}\.\d{1,3})(?![\d.])|#([245]\.\d{1,3}\.\d{1,3})\b"
)
_ADDRESS = re.compile(r"[^\s<>@:;,()\"'=]+@[^\s<>(),;\"']+")
_MESSAGE_ID = re.compile(
    r"^message-id:\s*(<[^>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE
)
_PART = re.compile(rb"^content-type:", re.IGNORECASE | re.MULTILINE)

# The fields that name the address which a mail server delivered the bounce to.
_DELIVERED_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
# RFC 3462 names the first two; the others are their kin for addresses in UTF-8, and
# a form that some servers write.
_RETURNED = {
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
}
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}

_QMAIL = re.compile(r"^Hi\. This is the [\w.-]*(?:qmail|deliver)", re.IGNORECASE)
_QMAIL_COPY = re.compile(r"^--- Below this line is a copy", re.MULTILINE)
_EXIM_COPY = re.compile(
    r"^-{4,} .{0,40}copy of .{0,60}message", re.IGNORECASE | re.MULTILINE
)
_QMAIL_ADDRESS = re.compile(r"^<([^<>\s@]+@[^<>\s]+)>:\s*$", re.MULTILINE)


# The sender's address, the protocol, the content, policy: nothing that a family did.
_OPERATORS = ("5.1.7.", "5.1.8.", "5.5.", "5.6.", "5.7.")


class Finality(StrEnum):
    """What a mail that came back says of the next one."""

    PERMANENT = "permanent"
    """The address does not exist: the next mail would come back as well."""
    PASSING = "passing"
    """This mail did not get there; the next one may."""
    OPERATOR = "operator"
    """The sender was turned away, such as by a block list: the operator's to mend."""


class Action(StrEnum):
    """What became of a mail (RFC 3464 §2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce says of one recipient of one mail.

    Attributes:
        references: the references of mails of ours that it may be about, in the
            order of how surely: from the returned mail's Message-ID, from the address
            that it was sent back to (VERP), from the fields that cite a mail.
        action: what became of it.
        recipients: the addresses that it names, in small letters: the original one
            and the final one. For comparing with the register; they are kept nowhere.
        status: the enhanced status code (RFC 3463), such as ``5.1.1``, or empty.
        diagnostic: what the last mail server said, on one line, without addresses.
    """

    references: tuple[str, ...]
    action: Action
    recipients: tuple[str, ...]
    status: str
    diagnostic: str


def read_bounces(raw: bytes) -> tuple[Bounce, ...]:
    """Return what a mail says of each recipient; nothing where it is no bounce.

    Never raises, whatever the bytes are, and takes well under a second.

    Args:
        raw: a whole mail, or its beginning.
    """
    raw = raw[:LARGEST]
    if len(_PART.findall(raw)) > MOST_PARTS or raw.count(b"\n--") > MOST_DELIMITERS:
        return ()
    try:
        message = message_from_bytes(_bounded(raw))
        if message.get_content_type() == "multipart/report":
            return tuple(_from_report(message))
        return tuple(_from_text(message))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        # The library's own faults over broken mails; they tell of the mail alone.
        return ()
    except RecursionError:
        return ()


def finality(status: str) -> Finality:
    """Return what an enhanced status code of a failure says of the next mail.

    Args:
        status: such as ``5.1.1``; empty where the server gave none.
    """
    if status in NO_SUCH_RECIPIENT:
        return Finality.PERMANENT
    if f"{status}.".startswith(_OPERATORS):
        return Finality.OPERATOR
    return Finality.PASSING


def _bounded(raw: bytes) -> bytes:
    """Cut overlong lines and header fields, over which parsing would take long."""
    lines, folds = [], 0
    for line in raw.splitlines():
        folds = folds + 1 if line[:1] in {b" ", b"\t"} else 0
        if folds <= MOST_FOLDS:
            lines.append(line[:LONGEST_LINE])
    return b"\r\n".join(lines)


def _from_report(message: Message) -> Iterator[Bounce]:
    kinds = [(part.get_content_type(), part) for part in _children(message)]
    status = next((part for kind, part in kinds if kind in _REPORTS), None)
    if status is None:
        return
    returned = next((part for kind, part in kinds if kind in _RETURNED), None)
    references = _references(message, _returned_id(returned))
    for fields in _blocks(status):
        action = _action(_field(fields, "Action"))
        recipients = tuple(
            address.lower()
            for name in ("Original-Recipient", "Final-Recipient")
            if (address := _field(fields, name).partition(";")[2].strip())
        )
        if action is None or not recipients:
            continue
        said = _field(fields, "Diagnostic-Code")
        yield Bounce(
            references,
            action,
            recipients,
            _status(_field(fields, "Status"), said),
            without_addresses(said.partition(";")[2] or said, recipients),
        )


def _blocks(status: Message) -> Iterator[Message]:
    """The groups of fields of a report, that of the whole mail included."""
    children = _children(status)
    if children and status.get_content_type() == "message/delivery-status":
        yield from children
        return
    # The library takes the type of RFC 6533 for a whole mail.
    text = "\n".join(child.as_string() for child in children) or _decoded(status)
    if _field(status, "Content-Transfer-Encoding").lower() == "base64":
        text = b64decode(text).decode("utf-8", "replace")
    for block in re.split(r"\r?\n[ \t]*\r?\n", text):
        yield message_from_string(block.strip())


def _returned_id(part: Message | None) -> str:
    """The Message-ID of the mail that comes back, or empty."""
    if part is None:
        return ""
    children = _children(part)
    if children:
        return _field(children[0], "Message-ID")
    found = _MESSAGE_ID.search(_decoded(part))
    return found[1] if found else ""


def _from_text(message: Message) -> Iterator[Bounce]:
    """The bounces of Exim and qmail that are plain text."""
    text = _text(message)
    failed = _field(message, "X-Failed-Recipients")
    if failed:
        recipients = [one.strip() for one in failed.split(",")]
        copy = _EXIM_COPY.search(text)
    elif _QMAIL.match(text.lstrip()):
        copy = _QMAIL_COPY.search(text)
        recipients = _QMAIL_ADDRESS.findall(text[: copy.start()] if copy else text)
    else:
        return
    report, returned = (
        (text[: copy.start()], text[copy.end() :]) if copy else (text, "")
    )
    found = _MESSAGE_ID.search(returned)
    references = _references(message, found[1] if found else "")
    for recipient in recipients[:MOST_PARTS]:
        said = _said_of(report, recipient)
        if "@" in recipient:
            yield Bounce(
                references,
                Action.FAILED,
                (recipient.lower(),),
                _status("", said),
                without_addresses(said, (recipient,)),
            )


def _said_of(report: str, recipient: str) -> str:
    """The lines behind the one that names a recipient, up to an empty one."""
    lines = report.splitlines()
    start = next(
        (
            number
            for number, line in enumerate(lines)
            if line.strip().strip("<>:").lower() == recipient.lower()
        ),
        None,
    )
    if start is None:
        return ""
    said = []
    for line in lines[start + 1 :]:
        if not line.strip():
            break
        said.append(line.strip())
    return " ".join(said)


def _references(message: Message, returned_id: str) -> tuple[str, ...]:
    """The references of mails of ours that a bounce names, the surest first."""
    places = [returned_id]
    for name in (*_DELIVERED_TO, "In-Reply-To", "References"):
        places += [str(value) for value in message.get_all(name, [])]
    return references_in(" ".join(places))


def references_in(text: str) -> tuple[str, ...]:
    """The references of mails of ours in a text, each once: Message-IDs begin so."""
    return tuple(dict.fromkeys(_REFERENCE.findall(text.lower())))


def _status(stated: str, said: str) -> str:
    """The enhanced code: as stated, or the fuller one in a server's own words."""
    found = _STATUS.search(stated)
    status = found[1] if found else ""
    if status and not status.endswith(".0.0"):
        return status
    spoken = _SAID_STATUS.search(said)
    return (spoken[1] or spoken[2]) if spoken else status


def _action(word: str) -> Action | None:
    try:
        return Action(word.strip().lower().split(" ")[0])
    except ValueError:
        return None


def _field(message: Message, name: str) -> str:
    """A field on one line, or empty; bytes beyond ASCII are replaced."""
    value = str(message.get(name, ""))
    return " ".join(value.encode("utf-8", "replace").decode("utf-8", "replace").split())


def _text(message: Message) -> str:
    """The text of a mail: its first part of plain text."""
    parts = _children(message) or [message]
    plain = (part for part in parts if part.get_content_type() == "text/plain")
    part = next(plain, None)
    return "" if part is None else _decoded(part)


def _children(part: Message) -> list[Message]:
    """The parts right inside a part; none where it has none."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    return [child for child in payload if isinstance(child, Message)]


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def without_addresses(words: str, recipients: tuple[str, ...] = ()) -> str:
    """What a mail server said, on one line, cut, and without anybody's address.

    Args:
        words: what it said.
        recipients: addresses whose part before the @ is hidden as well.
    """
    text = _ADDRESS.sub("<address>", words[: 4 * LONGEST_DIAGNOSTIC])
    for recipient in recipients:
        local = recipient.partition("@")[0]
        if local:
            pattern = rf"(?<!\w){re.escape(local)}(?!\w)"
            text = re.sub(pattern, "…", text, flags=re.IGNORECASE)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text.replace("<<address>>", "<address>")[:LONGEST_DIAGNOSTIC]
