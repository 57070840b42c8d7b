"""Headers that carry people's words: encoded so that nothing can break out.

Python's own folding of long names with commas or letters beyond ASCII has lost
quotes and line ends in several releases (CVE-2024-6923, gh-121284), and a name
that loses its quotes becomes another address. The few headers that hold words
from outside are therefore written here, by the letter of RFC 5322 §3.4 and
RFC 2047.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from email.headerregistry import Address, HeaderRegistry
from email.policy import EmailPolicy
from functools import cache, lru_cache
from typing import Any, Self

from signer.domain_names import ascii_domain
from signer.errors import MailError, MailRefused

LINE = 76
"""Characters of a header line: RFC 2047 §2."""

_ENCODED_BYTES = 36  # sixty characters as an encoded word: room for a header's name
_LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3
_ADDRESS_HEADERS = frozenset({"from", "to", "reply-to"})
_ATOM_SPECIALS = frozenset('()<>[]:;@\\,."')
_ID = re.compile(r"<[!-;=?-~]{1,120}@[!-;=?-~]{1,120}>")
_PLAIN_ID = re.compile(r"<[0-9A-Za-z]+@[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*>")
_PLAIN_ADDRESS = re.compile(r"[0-9A-Za-z]+(?:[.+_-][0-9A-Za-z]+)*")

# What is the same in many mails: the library takes a tenth of a millisecond and more
# over each, since it makes a class for every header that it reads.
_REPEATED = frozenset(
    {
        "auto-submitted",
        "content-language",
        "content-transfer-encoding",
        "content-type",
        "date",
        "mime-version",
        "subject",
        "x-auto-response-suppress",
    }
)
_registry = HeaderRegistry()


class PlainHeader(str):
    """A header whose value reads as it is written; the library parses it no more.

    Attributes:
        name: the header's.
        addresses: who is named in it, where it is a header of addresses.
    """

    __slots__ = ("addresses", "name")
    name: str
    addresses: tuple[Address, ...]

    def __new__(cls, name: str, value: str, *addresses: Address) -> Self:
        """Make one of a value that needs no quotes and no encoding."""
        header = super().__new__(cls, value)
        header.name, header.addresses = name, addresses
        return header


class MailPolicy(EmailPolicy):
    """Writes addresses, subjects and ids by the rules of this module."""

    def header_max_count(self, name: str) -> int | None:
        """How many headers of a name a message may have."""
        return _max_count(name.lower())

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - the library's own
        """A header as it is kept in a message; what is repeated is read once."""
        lowered = name.lower()
        if isinstance(value, Address):
            if _is_plain(value):
                return name, PlainHeader(name, str(value), value)
            return super().header_store_parse(name, value)
        if lowered == "message-id" and _PLAIN_ID.fullmatch(value):
            return name, PlainHeader(name, value)
        if lowered in _REPEATED and not hasattr(value, "name"):
            text = str(value)
            if len(text.splitlines()) <= 1:
                return name, _read(name, text)
        return super().header_store_parse(name, value)

    def fold(self, name: str, value: Any) -> str:  # noqa: ANN401 - the library's own
        """A header as text, folded."""
        lowered = name.lower()
        if lowered in _ADDRESS_HEADERS:
            (address,) = value.addresses
            words = _mailbox_words(address)
        elif lowered == "subject":
            words = list(_text_words(str(value)))
        elif lowered == "message-id":
            words = [str(value)]
        elif lowered in _REPEATED:
            return _written(name, str(value), self.linesep)
        else:
            return str(super().fold(name, value))
        return _folded(name, words, self.linesep)

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401 - the same
        """A header as bytes, folded."""
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")


@lru_cache(maxsize=256)
def _read(name: str, text: str) -> Any:  # noqa: ANN401 - the library's own
    return _registry(name, text)


@lru_cache(maxsize=256)
def _written(name: str, text: str, linesep: str) -> str:
    # Without letters beyond ASCII, which these headers never hold.
    return str(EmailPolicy(linesep=linesep).fold(name, _read(name, text)))


@cache
def _max_count(name: str) -> int | None:
    count: int | None = EmailPolicy().header_max_count(name)
    return count


def _is_plain(address: Address) -> bool:
    """Whether an address reads the same before and after the library's parser."""
    name = address.display_name
    return bool(
        (not name or all(word.isalnum() for word in name.split(" ")))
        and _PLAIN_ADDRESS.fullmatch(address.username)
        and _PLAIN_ADDRESS.fullmatch(address.domain)
    )


def mailbox(name: str, address: str) -> Address:
    """A name and an address for a header; the domain in its ASCII form.

    Raises:
        MailRefused: the address cannot stand in a header.
    """
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = ascii_domain(domain)
    except ValueError as error:
        raise MailRefused("the domain of the address cannot be right") from error
    if not at or not _is_dot_atom(local) or not _is_dot_atom(domain):
        raise MailRefused("the address cannot be right")
    if len(f"{local}@{domain}".encode()) > _LONGEST_ADDRESS:
        raise MailRefused("the address is too long")
    return Address(one_header_line(name), local, domain)


@lru_cache(maxsize=16)
def named_mailbox(text: str) -> Address:
    """The mailbox that ``Name <address>``, or an address alone, stands for.

    Raises:
        MailRefused: the address cannot stand in a header.
    """
    name, opened, rest = text.strip().rpartition("<")
    if not opened or not rest.endswith(">"):
        return mailbox("", text)
    return mailbox(name.strip().strip('"'), rest[:-1])


def one_header_line(words: str) -> str:
    """Words on one line: white space of any kind is a space, controls are dropped."""
    if words.isascii() and words.isprintable():
        return " ".join(words.split())
    visible = "".join(c for c in words if c.isspace() or _can_stand(c))
    return " ".join(visible.split())


def message_id_header(message_id: str) -> str:
    """A message id that can stand in a header.

    Raises:
        MailError: it is not of the form ``<left@right>`` (RFC 5322 §3.6.4).
    """
    if not _ID.fullmatch(message_id):
        raise MailError("the message id is not of the form <left@right>")
    return message_id


def _can_stand(character: str) -> bool:
    # Surrogates cannot be encoded; C0, C1 and DEL are never words.
    code = ord(character)
    return not (code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000)  # noqa: PLR2004


def _is_dot_atom(text: str) -> bool:
    return bool(text) and all(
        part and all(_in_atom(c) for c in part) for part in text.split(".")
    )


def _in_atom(character: str) -> bool:
    return (
        character.isprintable()
        and not character.isspace()
        and character not in _ATOM_SPECIALS
    )


def _mailbox_words(address: Address) -> list[str]:
    spec = f"{address.username}@{address.domain}"
    if not address.display_name:
        return [spec]
    return [*_phrase_words(address.display_name), f"<{spec}>"]


def _phrase_words(name: str) -> list[str]:
    if _needs_encoding(name) or len(name) > LINE // 2:
        return list(_encoded_words(name))
    if set(name) & _ATOM_SPECIALS:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return [name]


def _text_words(text: str) -> Iterator[str]:
    words = text.split(" ")
    if _needs_encoding(text) or max(map(len, words)) > LINE // 2:
        yield from _encoded_words(text)
    else:
        yield from words


def _needs_encoding(text: str) -> bool:
    # What looks like an encoded word would be decoded by whoever reads the mail.
    return not text.isascii() or "=?" in text


def _encoded_words(text: str) -> Iterator[str]:
    chunk = b""
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > _ENCODED_BYTES:
            yield _encoded_word(chunk)
            chunk = b""
        chunk += encoded
    yield _encoded_word(chunk)


def _encoded_word(chunk: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk).decode()}?="


def _folded(name: str, words: list[str], linesep: str) -> str:
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE and lines[-1].strip(" "):
            lines.append("")
        lines[-1] += f" {word}"
    return linesep.join(lines) + linesep
