"""Follow a school's public log: is it still the one that was there, and only longer?

It needs Python 3.11 alone, and asks no address but the log's. Each visit keeps the
newest signed head in a folder, and the next one compares:

    python3 follow.py https://sign.example.org/log/ --key log.vkey --state kept
    python3 follow.py … --proof D-7K3M-9QXF-2B4T.tlog-proof    is that still in it?

The exit code is 0 where the log goes on from what was kept; 1 where it does not, and
then the head that was served lies beside the one that was kept, if there is one, each
with the school's signature; 2 where nothing could be found out.
"""

# ruff: noqa: T201 - it speaks to whoever runs it
from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import sys
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

WIDTH, HASH = 256, 32  # hashes in a full tile (c2sp.org/tlog-tiles), bytes of one
PROOF = "c2sp.org/tlog-proof@v1\n"
MOST_BYTES, SECONDS, NUMBER = 1_000_000, 30, "/0123456789"
SHOWN = ("event", "declaration")
SPOILT = "A file of it was spoilt or changed: visit again, then ask the school."
ERASED = "Whether the school has erased what it kept of it shows at its /verify alone."


class ContradictionError(Exception):
    """The log is not what it was; signed heads show it."""


class UnknownError(Exception):
    """Nothing could be found out."""


def sha256(raw: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(raw).digest()


def above(left: bytes, right: bytes) -> bytes:
    """The hash over two nodes (RFC 6962, section 2.1)."""
    return sha256(b"\x01" + left + right)


def folded(hashes: list[bytes]) -> bytes:
    """The root over a number of hashes that is a power of two."""
    while len(hashes) > 1:
        hashes = [above(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]


# Ed25519 (RFC 8032): points as (X, Y, Z, T) with x = X/Z, y = Y/Z and x·y = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]


def add(one: Point, other: Point) -> Point:
    """The sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    """A multiple of a point."""
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def point_of(raw: bytes) -> Point:
    """The point that 32 bytes stand for (section 5.1.3)."""
    y, sign = int.from_bytes(raw, "little") & ~(1 << 255), raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (not x and sign):
        raise ValueError("not a point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verifies(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether a signature (64 bytes) is a key's over a text (section 5.1.7)."""
    try:
        public, commitment = point_of(key), point_of(signature[:32])
    except (ValueError, IndexError):
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or scalar >= ORDER:  # noqa: PLR2004
        return False
    hashed = hashlib.sha512(signature[:32] + key + text).digest()
    challenge = int.from_bytes(hashed, "little") % ORDER
    left, right = times(scalar, BASE), add(commitment, times(challenge, public))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


@dataclass(frozen=True)
class Key:
    """The log's key: the name that it was first given under, and 32 bytes."""

    name: str
    raw: bytes

    @classmethod
    def read(cls, text: str) -> Key:
        """The key of a line ``name+id+key``, or of a file that holds it."""
        try:
            line = text if "+" in text else Path(text).read_text(encoding="utf-8")
            name, _, rest = line.strip().splitlines()[0].partition("+")
            raw = base64.b64decode(rest.partition("+")[2], validate=True)
        except (OSError, ValueError, IndexError) as error:
            raise UnknownError(f"{text} holds no key of a log: {error}") from error
        if not name or len(raw) != 1 + HASH or raw[0] != 1:
            raise UnknownError(f"{text} holds no Ed25519 key of a log.")
        return cls(name, raw[1:])


@dataclass(frozen=True)
class Head:
    """A signed head of the log (c2sp.org/tlog-checkpoint), its signature checked."""

    origin: str
    size: int
    root: bytes
    note: str

    @classmethod
    def read(cls, text: str, key: Key, where: str) -> Head:
        """The head in a text as people keep them: with other line ends, say."""
        note = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n") + "\n"
        signed, _, lines = note.rpartition("\n\n")
        try:
            origin, size, root, *_ = signed.split("\n")
            head = cls(origin, int(size), base64.b64decode(root, validate=True), note)
            # A log that was begun anew has the same key, and a number behind its name.
            known = origin.rstrip(NUMBER) == key.name.rstrip(NUMBER)
            mark = sha256(origin.encode() + b"\n\x01" + key.raw)[:4]
            values = [base64.b64decode(one.split(" ")[2]) for one in lines.splitlines()]
        except (ValueError, IndexError) as error:
            raise UnknownError(f"{where} is no signed head of a log.") from error
        ours = [one[4:] for one in values if one[:4] == mark]
        text_signed = f"{signed}\n".encode()
        if not known or not any(verifies(key.raw, one, text_signed) for one in ours):
            raise UnknownError(f"{where} is not signed with the key that you trust.")
        if len(head.root) != HASH or head.size < 0:
            raise UnknownError(f"{where} is no signed head of a log.")
        return head


class Tree:
    """The log's tree, as far as it is asked for, over tiles that somebody serves.

    Nothing in them is believed: a root that is worked out from them has to be one that
    was signed.
    """

    def __init__(self, size: int, fetch: Callable[[str], bytes]) -> None:
        self._size = size
        self._fetch = fetch
        self._kept: dict[tuple[int | None, int], list[bytes]] = {}

    def roots(self, begins: int, size: int, start: int = 0) -> tuple[bytes, bytes]:
        """The roots of the first entries and of all, both from the same hashes.

        Args:
            begins: how many of the entries from ``start`` on come first.
            size: how many entries there are from ``start`` on.
            start: where they begin.
        """
        if begins == size:
            root = self._root(start, size)
            return root, root
        middle = 1 << (size - 1).bit_length() - 1
        if begins <= middle:
            first, left = self.roots(begins, middle, start)
            return first, above(left, self._root(start + middle, size - middle))
        left = self._root(start, middle)
        first, right = self.roots(begins - middle, size - middle, start + middle)
        return above(left, first), above(left, right)

    def check_entries(self, start: int) -> None:
        """Check that the entries from ``start`` on are those that the tree is over."""
        for index in range(start // WIDTH, -(-self._size // WIDTH)):
            hashed = [sha256(b"\x00" + one) for one in self._tile(None, index)]
            fits, level, at = hashed == self._tile(0, index), 0, index
            while fits and (at + 1) * WIDTH <= self._size >> (8 * level):
                over = self._tile(level + 1, at // WIDTH)[at % WIDTH]
                fits = folded(self._tile(level, at)) == over
                level, at = level + 1, at // WIDTH
            if not fits:
                which = f"The entries from {index * WIDTH} on"
                raise UnknownError(f"{which} are not those of the tree. {SPOILT}")

    def _root(self, start: int, size: int) -> bytes:
        if size & (size - 1) == 0 and start % size == 0:
            return self._node(size.bit_length() - 1, start // size)
        middle = 1 << (size - 1).bit_length() - 1
        left = self._root(start, middle)
        return above(left, self._root(start + middle, size - middle))

    def _node(self, level: int, place: int) -> bytes:
        tile_level, rest = divmod(level, 8)
        first = place << rest
        hashes = self._tile(tile_level, first // WIDTH)
        return folded(hashes[first % WIDTH : first % WIDTH + (1 << rest)])

    def _tile(self, level: int | None, index: int) -> list[bytes]:
        """The hashes of a tile, or the entries of a bundle."""
        if (level, index) in self._kept:
            return self._kept[level, index]
        count = self._size >> (8 * (level or 0))
        width = min(WIDTH, count - index * WIDTH)
        name, rest = f"{index % 1000:03d}", index // 1000
        while rest:
            name, rest = f"x{rest % 1000:03d}/{name}", rest // 1000
        tail = "" if width == WIDTH else f".p/{width}"
        path = f"tile/{'entries' if level is None else level}/{name}{tail}"
        raw, step = self._fetch(path), HASH if level is not None else HASH + 2
        if len(raw) != width * step:
            raise UnknownError(f"{path} has not the length that it must have.")
        found = [raw[at - HASH : at] for at in range(step, len(raw) + 1, step)]
        self._kept[level, index] = found
        return found


def fetched(base: str) -> Callable[[str], bytes]:
    """What fetches the files below an address."""

    def fetch(path: str) -> bytes:
        asked = urllib.request.Request(  # noqa: S310 - its scheme was looked at
            base + path, headers={"Cache-Control": "no-cache"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
                raw: bytes = answer.read(MOST_BYTES + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise UnknownError(f"{base}{path} cannot be fetched: {error}") from error
        if len(raw) > MOST_BYTES:
            raise UnknownError(f"{base}{path} is far too long.")
        return raw

    if urlsplit(base).scheme not in {"http", "https"}:
        raise UnknownError(f"{base} is no address that begins with https://.")
    return fetch


def check_begins(tree: Tree, head: Head, held: Head, where: str) -> None:
    """Check that the log begins with what a held head vouches for."""
    if held.origin != head.origin:
        raise ContradictionError(
            f"The log is called {head.origin} now, and {held.origin} in {where}: it "
            "was begun again. Its page says why. To follow it from here on, "
            "use another folder for --state."
        )
    if held.size > head.size:
        raise ContradictionError(
            f"Entries of the log: {head.size}; {where} vouches for {held.size}. It was "
            "rolled back."
        )
    if not held.size:
        return
    first, whole = tree.roots(held.size, head.size)
    if whole != head.root:
        raise UnknownError(f"What is served is not what was signed. {SPOILT}")
    if first != held.root:
        raise ContradictionError(
            f"Up to number {held.size} its entries are not those that {where} vouches "
            "for: the log was rewritten, or you are shown another one than others are."
        )


def entry_of(text: str, key: Key, where: str) -> tuple[Head, int, str]:
    """The head of a proof (c2sp.org/tlog-proof), its entry's number and what it is."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    above_head, _, note = text.partition("\n\n")
    if not text.startswith(PROOF):
        raise UnknownError(f"{where} is no proof.")
    head = Head.read(note, key, f"The head in {where}")
    try:
        lines = above_head.split("\n")[1:]
        opening = base64.b64decode(lines.pop(0).removeprefix("extra "), validate=True)
        place = int(lines.pop(0).removeprefix("index "))
        path = [base64.b64decode(one, validate=True) for one in lines]
        value, index, last = sha256(b"\x00" + sha256(opening)), place, head.size - 1
        while last:
            if index % 2:
                value = above(path.pop(0), value)
            elif index < last:
                value = above(value, path.pop(0))
            index, last = index // 2, last // 2
        said = json.loads(opening[HASH:])
        what = " ".join(str(said[one]) for one in SHOWN if one in said)
    except (ValueError, IndexError, TypeError) as error:
        raise UnknownError(f"{where} is no proof: {error}") from error
    if path or value != head.root or not 0 <= place < head.size:
        raise UnknownError(f"{where} does not lead to the root that it names.")
    return head, place, what


def follow(base: str, key: Key, state: Path, proofs: Iterable[Path] = ()) -> list[str]:
    """Visit the log once; gives what there is to say.

    Afterwards its head is kept in the folder, which is made where it is not there. One
    that contradicts what was kept lies beside that under a name of its own.
    """
    fetch = fetched(base if base.endswith("/") else f"{base}/")
    head = Head.read(_text(fetch("checkpoint")), key, "What is served")
    kept = state / "checkpoint"
    try:
        state.mkdir(parents=True, exist_ok=True)
        held = Head.read(_text(kept.read_bytes()), key, str(kept))
    except FileNotFoundError:
        held = None
    except OSError as error:
        raise UnknownError(f"{kept} cannot be read: {error}") from error
    tree = Tree(head.size, fetch)
    try:
        check_begins(tree, head, head, "the head itself")
        if held:
            check_begins(tree, head, held, str(kept))
        said = [_told(head, held)]
        for path in proofs:
            known, place, what = entry_of(_text(path.read_bytes()), key, str(path))
            check_begins(tree, head, known, str(path))
            said.append(f"Entry {place} is still in it: {what}. {ERASED}")
        tree.check_entries(held.size if held else 0)
    except ContradictionError:
        mark = sha256(head.note.encode()).hex()[:16]
        _keep(state / f"contradicts-{mark}.txt", head.note)
        raise
    _keep(kept, head.note)
    return said


def _told(head: Head, held: Head | None) -> str:
    since = f"It begins with the {held.size} of the last visit." if held else ""
    since = since or "Its head is kept."
    return f"Entries of the log {head.origin}: {head.size}. {since}"


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise UnknownError("What is served is no text.") from error


def _keep(path: Path, text: str) -> None:
    """Write a file whole, or leave what was there."""
    beside = path.with_suffix(".new")
    beside.write_bytes(text.encode())
    beside.replace(path)


def main() -> int:
    """Visit once; gives the exit code."""
    parser = argparse.ArgumentParser(description="Follow a public log.")
    parser.add_argument("url", help="the log's address, such as https://…/log/")
    parser.add_argument("--key", required=True, help="its key: a file, or the line")
    parser.add_argument("--state", required=True, type=Path, help="a folder to keep in")
    parser.add_argument("--proof", action="append", type=Path, default=[])
    asked = parser.parse_args()
    try:
        key = Key.read(asked.key)
        print(*follow(asked.url, key, asked.state, asked.proof), sep="\n")
    except ContradictionError as error:
        print(f"NO: {error}\nThe signed head that was served is in {asked.state}.")
        return 1
    except (UnknownError, OSError) as error:
        print(f"NOT KNOWN: {error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
