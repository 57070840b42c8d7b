"""What the entries of a bundle's log tell, as far as they can be opened."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from signer.audit.archive import Archive
from signer.audit.bundle import OPENINGS, Opened, read_opened
from signer.audit.findings import Findings
from signer.ledger.hashing import leaf_hash

_Key = TypeVar("_Key", int, str)
_Said = TypeVar("_Said", bound="Signed | Sealed")

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ENTRIES = re.compile(r"[0-9]{1,19}(?:,[0-9]{1,19})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signed:
    """That a declaration was signed."""

    position: int
    statement_sha256: str
    version_sha256: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """That a declaration was sealed."""

    position: int
    pdf_sha256: str
    entry: bytes
    """The commitment in the log, 32 bytes."""


@dataclass(slots=True)
class Told:
    """What the entries tell, in sum."""

    signed: dict[str, Signed] = field(default_factory=dict)
    sealed: dict[str, Sealed] = field(default_factory=dict)
    pinned: list[tuple[int, int, str]] = field(default_factory=list)
    """Position, number and SHA-256 (hex) of each version that parents were asked."""
    sealed_texts: dict[int, Sealed] = field(default_factory=dict)
    """The sealed PDFs of the versions themselves, by number."""
    agreed: list[tuple[int, str]] = field(default_factory=list)
    """Position and version's SHA-256 of each paper signed or undone, and each no."""
    erased: dict[int, int] = field(default_factory=dict)
    """Positions of entries of which the log says that their records were erased, each
    with that of the entry that says so."""
    closed: frozenset[int] = frozenset()
    """Positions of the entries that nobody can open."""
    parents_erased: int = 0
    """How many parents were erased as a whole, and not only some of their records."""
    events: dict[str, int] = field(default_factory=dict)
    """How many entries there are of each kind."""

    def count(self, event: str) -> int:
        """How many entries tell of an event."""
        return self.events.get(event, 0)


def read_told(
    archive: Archive, leaves: Iterable[bytes | None], findings: Findings
) -> Told:
    """What the entries tell. Each record is believed only if its entry commits to it.

    Args:
        archive: the bundle.
        leaves: the hashes of the log's entries, in order; None for one that is
            missing.
        findings: gets a gap for each that cannot be opened, unless it was erased.
    """
    told = Told()
    reader = _Reader(told, findings)
    openings = _opened(archive, findings)
    current = next(openings, None)
    closed: list[int] = []
    opened: set[int] = set()
    size = 0
    for position, leaf in enumerate(leaves):
        size = position + 1
        if current is None or current.position != position:
            closed.append(position)
            continue
        if leaf is not None and leaf_hash(current.commitment) != leaf:
            findings.gap(_entry(position), "It does not commit to what is kept of it.")
        elif leaf is not None:
            reader.take(current)
            opened.add(position)
        current = next(openings, None)
    while current is not None:
        findings.gap(_entry(current.position), f"The log has {size} entries only.")
        current = next(openings, None)
    _check_erased(told, closed, opened, findings)
    told.closed = frozenset(closed)
    return told


class _Reader:
    """Understands records one by one."""

    def __init__(self, told: Told, findings: Findings) -> None:
        self._told = told
        self._findings = findings
        self._readers: dict[str, Callable[[Opened, dict[str, Any]], None]] = {
            "declaration:signed": self._signed,
            "declaration:sealed": self._sealed,
            "declaration:paper": self._agreed,
            "paper:undone": self._agreed,
            "request:declined": self._agreed,
            "version:pinned": self._pinned,
            "version:sealed": self._sealed_text,
            "parent:erased": self._erased,
        }

    def take(self, opened: Opened) -> None:
        """Note what a record tells."""
        try:
            record = json.loads(opened.record)
            event = record["event"]
            self._told.events[event] = self._told.count(event) + 1
            if event in self._readers:
                self._readers[event](opened, record)
        except (ValueError, LookupError, TypeError, RecursionError):
            self._findings.gap(
                _entry(opened.position), "What is kept of it is no record of this kind."
            )

    def _signed(self, opened: Opened, record: dict[str, Any]) -> None:
        signed = Signed(
            opened.position,
            _sha256(record["statement_sha256"]),
            _sha256(record["version_sha256"]),
        )
        one = str(record["declaration"])
        self._once(self._told.signed, one, signed, one, "signed")

    def _sealed(self, opened: Opened, record: dict[str, Any]) -> None:
        sealed = Sealed(
            opened.position, _sha256(record["pdf_sha256"]), opened.commitment
        )
        one = str(record["declaration"])
        self._once(self._told.sealed, one, sealed, one, "sealed")

    def _agreed(self, opened: Opened, record: dict[str, Any]) -> None:
        self._told.agreed.append((opened.position, _sha256(record["version_sha256"])))

    def _pinned(self, opened: Opened, record: dict[str, Any]) -> None:
        number = int(record["version"])
        pin = (opened.position, number, _sha256(record["sha256"]))
        self._told.pinned.append(pin)

    def _sealed_text(self, opened: Opened, record: dict[str, Any]) -> None:
        sealed = Sealed(
            opened.position, _sha256(record["pdf_sha256"]), opened.commitment
        )
        number = int(record["version"])
        self._once(
            self._told.sealed_texts, number, sealed, f"version {number}", "sealed"
        )

    def _erased(self, opened: Opened, record: dict[str, Any]) -> None:
        entries = record["entries"]
        if not _ENTRIES.fullmatch(entries):
            raise ValueError("no list of entries")
        # With this field only records of a kind went, and the parent stayed.
        self._told.parents_erased += "records" not in record
        # What was erased came before the entry that says so.
        before = {int(one) for one in entries.split(",")}
        place = opened.position
        self._told.erased |= {one: place for one in before if one < place}

    def _once(
        self, known: dict[_Key, _Said], key: _Key, said: _Said, name: str, word: str
    ) -> None:
        if key in known:
            self._findings.gap(
                _entry(said.position),
                f"It says that {name} was {word}, as entry {known[key].position} did.",
            )
        else:
            known[key] = said


def _opened(archive: Archive, findings: Findings) -> Iterator[Opened]:
    """What the bundle opens, in the order of the log."""
    before = -1
    with findings.refusals(OPENINGS):
        for number, line in enumerate(archive.lines(OPENINGS), 1):
            try:
                opened = read_opened(line)
            except ValueError:
                findings.gap(OPENINGS, f"Line {number} is not as it must be.")
                continue
            if opened.position <= before:
                findings.gap(OPENINGS, f"Line {number} is in the wrong place.")
                continue
            before = opened.position
            yield opened


def _check_erased(
    told: Told, closed: list[int], opened: set[int], findings: Findings
) -> None:
    unexplained = [one for one in closed if one not in told.erased]
    for _, run in groupby(enumerate(unexplained), key=lambda pair: pair[1] - pair[0]):
        places = [position for _, position in run]
        first, last = places[0], places[-1]
        findings.gap(
            _entry(first) if first == last else f"entries {first} to {last}",
            "Nothing says what the log committed to here, and the log does not say "
            "that it was erased.",
        )
    for position in sorted(told.erased.keys() & opened):
        findings.gap(
            _entry(position),
            "The log says that what was known of it is erased, but it is not.",
        )


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError("no SHA-256")
    return value


def _entry(position: int) -> str:
    return f"entry {position}"
