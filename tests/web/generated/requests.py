"""Requests as no browser sends them: every route and method, with odd parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from werkzeug.routing import Map

METHODS = ("DELETE", "GET", "PATCH", "POST", "PROPFIND", "PUT", "TRACE", "X", "get")
"""Methods that a route may know nothing of."""

ODD = (
    "", " ", ".", "..", "../..", "./", "/", "//", "\\", "%", "%00", "\0", "\r\nX: y",
    "\x1b[31m", "-1", "0", "9" * 30, "9" * 5000, "1e9", "٣", "ä", "\u202e", "\u200b",
    "\ud800", "\U0001f600", "e\u0301" * 40, "a" * 256, "ß" * 200, "x" * 4000,
    "<script>", "{{7*7}}", "' OR 1=1 --", "%(x)s", "{0}", "null", "_headers",
    "./_headers", "..;/", "index.html", "http://[", "//elsewhere.example", "@", "[]",
)  # fmt: skip
"""Words that have broken some program or other."""

ORIGINS = (
    "null", "http://127.0.0.1:8000", "https://elsewhere.example", "http://[",
    "http://[::1", "http://]", "//", "http://127.0.0.1:99999999", "http://a:b",
    "http://\u2100.example", "x" * 3000, "",
)  # fmt: skip

_HEADERS = {
    "HTTP_ORIGIN": ORIGINS,
    "HTTP_REFERER": ORIGINS,
    "HTTP_HOST": (
        "127.0.0.1:8000", "[", "[::1", "", "a b", "elsewhere.example", ":", "é",
    ),
    "HTTP_SEC_FETCH_SITE": ("cross-site", "same-origin", "?"),
    "HTTP_ACCEPT_ENCODING": ("gzip", "br;q=x", "*;q=nan", ";", "gzip;q=1e999"),
    "HTTP_ACCEPT_LANGUAGE": ("ar-XB", "x" * 2000, ";q=", "*;q=-1"),
    "HTTP_ACCEPT": ("*/*", ";", "text/html;q=nan"),
    "HTTP_IF_NONE_MATCH": ('"x"', "*", '"', 'W/"', "," * 500),
    "HTTP_IF_MODIFIED_SINCE": ("0", "Mon, 99 Foo 0000", "x", "9" * 40),
    "HTTP_IF_RANGE": ('"x"', "0", "Mon, 99 Foo 0000"),
    "HTTP_RANGE": ("bytes=0-", "bytes=-", "bytes=9-1", "x=1", "bytes=1-2,3-4"),
    "HTTP_X_FORWARDED_FOR": ("203.0.113.7", "x", ",", "::", "1" * 3000),
    "HTTP_X_FORWARDED_HOST": ("elsewhere.example", "[", ","),
    "HTTP_X_FORWARDED_PROTO": ("https", "x"),
    "HTTP_X_REQUEST_ID": ("x\0", "é" * 300),
    "HTTP_X_NF_SIGN": ("x", "a.b.c", "." * 500),
    "HTTP_AUTHORIZATION": ("Basic x", "Bearer é", ":", "Digest a=", "Basic w6k6"),
    "HTTP_COOKIE": (
        "signer=x", "signer=", "=;=", "signer=eyJ2aXNpdHMiOjF9.x.y", "a" * 5000, "é=é",
        'signer="\\377"',
    ),
    "HTTP_WEBHOOK_ID": ("x", "é"),
    "HTTP_WEBHOOK_TIMESTAMP": ("x", "1e999", "nan", "9" * 5000, "1795270213"),
    "HTTP_WEBHOOK_SIGNATURE": ("x", "v1,", "v1,é", "v1,AAAA v1,=", ", ,"),
    "CONTENT_LENGTH": ("-1", "x", "0", "99999999999999999999", "7"),
    "CONTENT_TYPE": (
        "application/json", "", ";", "text/plain; charset=x", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\xe4",
        "application/x-www-form-urlencoded; charset=utf-7", "x" * 1000,
    ),
    "HTTP_TRANSFER_ENCODING": ("chunked", "x"),
}  # fmt: skip

_KINDS = ("pairs", "pairs", "pairs", "parts", "files", "raw")

FIELDS = (
    "text", "record", "capacity", "confirmed", "typed_name", "email", "csrf_token",
    "words", "receipt", "language", "here", "pdf", "proof", "instead", "x",
)  # fmt: skip

_ARGUMENT = re.compile(r"<(?:[^<>]*:)?(\w+)>")
_FORM = "application/x-www-form-urlencoded"
_ODD = 0.25
"""The share of parts that are odd: what is wrong with one is told before the next."""


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """What somebody knows who has opened their links.

    Attributes:
        cookie: the session cookie, as the header has it.
        csrf_token: the one of its forms.
        words: what fits into an address or a form, by the name of its place.
    """

    cookie: str
    csrf_token: str
    words: Mapping[str, tuple[str, ...]]


class Requests:
    """Makes WSGI environments of requests to every route, as a server would.

    Each is made from its own number alone, so that it can be made again. (Hypothesis
    takes twice the time of the service itself, and stays near what it has tried.)

    Args:
        routes: the addresses of the application.
        known: what somebody knows whose requests come far.
        under: the beginning of the paths that are asked for.
        without: the rules that are left out.
        fields: the names of what is sent.
    """

    def __init__(
        self,
        routes: Map,
        known: Known,
        *,
        under: str = "/",
        without: Container[str] = (),
        fields: Sequence[str] = FIELDS,
    ) -> None:
        self._known = known
        self._fields = fields
        self._doors = sorted(
            (method, rule.rule)
            for rule in routes.iter_rules()
            for method in rule.methods or ()
            if rule.rule.startswith(under) and rule.rule not in without
        )

    def environ(self, number: int) -> dict[str, Any]:
        """Return the environment of the request of a number."""
        random = Random(f"requests of 2026: {number}")
        method, rule = random.choice(self._doors)
        if random.random() < _ODD:
            method = random.choice(METHODS)
        path = _ARGUMENT.sub(lambda found: self._word(random, found[1]), rule)
        if random.random() < _ODD:
            path += random.choice(("/", "//", ";x", "%", "\0"))
        names = random.choices(self._fields, k=random.randrange(12))
        fields = [(name, self._word(random, name)) for name in names]
        query = random.sample(fields, k=min(len(fields), random.randrange(3)))
        session = None if random.random() < _ODD else self._known
        if session:
            fields.insert(0, ("csrf_token", session.csrf_token))
        content_type, body = _body(random.choice(_KINDS), fields)
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": "/" + _bytes(path).decode("latin-1").lstrip("/"),
            "QUERY_STRING": _pairs(query),
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if session:
            environ["HTTP_COOKIE"] = session.cookie
        for name in random.sample(sorted(_HEADERS), k=random.randrange(3)):
            value = random.choice((*_HEADERS[name], _odd(random)))
            # A server hands on no line end: the head would have ended there.
            line = re.sub(r"[\r\n\0]", " ", value)
            environ[name] = _bytes(line).decode("latin-1")
        return environ

    def _word(self, random: Random, place: str) -> str:
        """Return what fits a place; now and then what fits another, or none."""
        words = self._known.words
        if random.random() < _ODD:
            return _odd(random)
        if random.random() < _ODD or place not in words:
            place = random.choice(sorted(words))
        return random.choice(words[place])


def _odd(random: Random) -> str:
    """Return a word of the list, or one of any characters."""
    if random.random() > _ODD:
        return random.choice(ODD)
    highest = random.choice((0x7F, 0xFF, 0xFFFF, 0x10FFFF))
    return "".join(chr(random.randint(0, highest)) for _ in range(random.randrange(20)))


def _body(kind: str, fields: list[tuple[str, str]]) -> tuple[str, bytes]:
    """Return a body's type, and its bytes."""
    if kind in {"files", "parts"}:
        parts = [_part(kind, name, value) for name, value in fields]
        return "multipart/form-data; boundary=edge", b"".join([*parts, b"--edge--\r\n"])
    if kind == "raw":
        return _FORM, _bytes("\0".join(value for _, value in fields))
    return _FORM, _pairs(fields).encode()


def _part(kind: str, name: str, value: str) -> bytes:
    """Return a part of a form; named as a file, unless it proves the form."""
    file = '; filename="a.txt"' if kind == "files" and name != "csrf_token" else ""
    head = f'--edge\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + _bytes(value) + b"\r\n"


def _pairs(fields: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={quote_plus(_bytes(value))}" for name, value in fields)


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
