"""The layout of an audit bundle: what stands where, and how long it may be.

    README.txt  SHA256SUMS  SHA256SUMS.note  check.py  index.csv
    declarations/<id>.pdf  archive/<id>.pdf  proofs/<id>.tlog-proof
    log/checkpoint  log/checkpoints/<log>-<size>.txt  log/tile/…  log/openings.jsonl
    versions/  keys/

A name that is none of these has no business in a bundle, so that a list of what may
be there keeps out every trick with names as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

from signer.ledger.commitments import SALT_BYTES, commit
from signer.ledger.tiles import Tile, parse_path

README = "README.txt"
SUMS = "SHA256SUMS"
SIGNED_SUMS = "SHA256SUMS.note"
VERIFIER = "check.py"
INDEX = "index.csv"
CHECKPOINT = "log/checkpoint"
OPENINGS = "log/openings.jsonl"
AUTHORITY = "keys/ca.pem"
REVOCATION_LIST = "keys/ca.crl"
LOG_KEYS = "keys/log.vkey"
LOG_KEY_PEM = "keys/log.pem"
SEAL = "keys/seal.pem"
TIMESTAMPS = "keys/tsa.pem"
VERSION_SUMS = "versions/SHA256SUMS"
REVIEWS = "versions/reviews.toml"

NEEDED = (README, VERIFIER, INDEX, CHECKPOINT, OPENINGS, AUTHORITY, LOG_KEYS)
"""What every bundle has, besides the list of its files."""

_TILE = "log/tile/"
_ID = r"D(?:-[0-9A-HJKMNP-TV-Z]{4}){3}"
_MEBIBYTE = 1 << 20
_GIBIBYTE = 1 << 30

DECLARATION = re.compile(rf"declarations/({_ID})\.pdf", re.ASCII)
ARCHIVE_COPY = re.compile(rf"archive/({_ID})\.pdf", re.ASCII)
PROOF = re.compile(rf"proofs/({_ID})\.tlog-proof", re.ASCII)
PAST_CHECKPOINT = re.compile(r"log/checkpoints/([1-9][0-9]{0,5})-([0-9]{1,19})\.txt")
VERSION = re.compile(r"versions/([1-9][0-9]{0,5})\.md")
VERSION_PDF = re.compile(r"versions/([1-9][0-9]{0,5})\.pdf")
FORMER_SEAL = re.compile(r"keys/seal-[0-9a-f-]{1,80}\.pem")

_LARGEST = (
    (DECLARATION, 50_000_000),
    (ARCHIVE_COPY, 50_000_000),
    (VERSION_PDF, 50_000_000),
    (PROOF, _MEBIBYTE),
    (PAST_CHECKPOINT, _MEBIBYTE),
    (VERSION, _MEBIBYTE),
    (FORMER_SEAL, _MEBIBYTE),
)
_LARGEST_ONE = {
    # A line for each file, each declaration, each entry of the log.
    **dict.fromkeys((SUMS, INDEX, OPENINGS), _GIBIBYTE),
    REVOCATION_LIST: 16 * _MEBIBYTE,
    **dict.fromkeys((README, SIGNED_SUMS, VERIFIER, CHECKPOINT, AUTHORITY), _MEBIBYTE),
    **dict.fromkeys(
        (LOG_KEYS, LOG_KEY_PEM, SEAL, TIMESTAMPS, VERSION_SUMS, REVIEWS), _MEBIBYTE
    ),
}
_LARGEST_TILE = 256 * (2 + 0xFFFF)


def declaration_file(declaration_id: str) -> str:
    """Where a declaration's sealed PDF stands."""
    return f"declarations/{declaration_id}.pdf"


def archive_copy_file(declaration_id: str) -> str:
    """Where a declaration's archive copy stands, if there is one."""
    return f"archive/{declaration_id}.pdf"


def proof_file(declaration_id: str) -> str:
    """Where the proof stands that the log holds that PDF."""
    return f"proofs/{declaration_id}.tlog-proof"


def checkpoint_file(number: int, size: int) -> str:
    """Where a checkpoint stands: by the number of its log, and its size."""
    return f"log/checkpoints/{number}-{size}.txt"


def tile_file(tile: Tile) -> str:
    """Where a tile or an entry bundle stands."""
    return _TILE + tile.path


def tile_of(name: str) -> Tile | None:
    """The tile that a name stands for; None where it is no tile's."""
    return parse_path(name[len(_TILE) :]) if name.startswith(_TILE) else None


def largest(name: str) -> int | None:
    """The most bytes that a file of this name may have; None where none may be.

    Args:
        name: as the bundle spells it.
    """
    if tile_of(name):
        return _LARGEST_TILE
    for pattern, most in _LARGEST:
        if pattern.fullmatch(name):
            return most
    return _LARGEST_ONE.get(name)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the index: one sealed declaration, without a name or an address."""

    declaration: str
    file: str
    sha256: str
    """SHA-256 (hex) of the file."""
    version: int
    sealed_at: str
    """As in RFC 3339, in UTC."""
    level: str
    """The level of the seal, such as ``B-LT``."""
    leaf: int
    """The position of its entry in the log, counted from 0."""

    @property
    def line(self) -> str:
        """The row as CSV. Nothing in it needs quotes."""
        return ",".join(map(str, astuple(self))) + "\n"


HEADINGS = ",".join(one.name for one in fields(Row)) + "\n"

_WORDS = re.compile(r"[A-Za-z0-9./:+-]{1,100}", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def read_row(line: str) -> Row:
    """A line of the index.

    Raises:
        ValueError: it is none.
    """
    cells: Sequence[str] = line.removesuffix("\n").split(",")
    if len(cells) != len(fields(Row)) or not all(map(_WORDS.fullmatch, cells)):
        raise ValueError("not a line of the index")
    declaration, file, sha256, version, sealed_at, level, leaf = cells
    if not (_NUMBER.fullmatch(version) and _NUMBER.fullmatch(leaf)):
        raise ValueError("not a line of the index")
    return Row(declaration, file, sha256, int(version), sealed_at, level, int(leaf))


@dataclass(frozen=True, slots=True)
class Opened:
    """What an entry of the log commits to: a line of ``log/openings.jsonl``."""

    position: int
    salt: bytes
    record: bytes

    @property
    def commitment(self) -> bytes:
        """The entry that it opens, 32 bytes."""
        return commit(self.salt, self.record)

    @property
    def line(self) -> str:
        """The line. The record stands in it as text, so that it keeps its bytes."""
        return (
            json.dumps(
                {
                    "position": self.position,
                    "salt": self.salt.hex(),
                    "record": self.record.decode(),
                },
                ensure_ascii=False,
            )
            + "\n"
        )


def read_opened(line: str) -> Opened:
    """What a line opens.

    Raises:
        ValueError: it is no such line.
    """
    try:
        found = json.loads(line)
        position, salt = found["position"], bytes.fromhex(found["salt"])
        record = found["record"].encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not a line of the openings") from error
    whole = isinstance(position, int) and not isinstance(position, bool)
    if not whole or position < 0 or len(salt) != SALT_BYTES:
        raise ValueError("not a line of the openings")
    return Opened(position, salt, record)
