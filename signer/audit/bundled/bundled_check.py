"""Check this bundle: every seal, the whole log, and that they fit one another.

It needs Python 3.11 and pyHanko, fetches nothing, and is short so that you can read
it before you run it. Unpack the bundle into an empty folder, and there:

    python3 check.py                     everything
    python3 check.py D-7K3M-9QXF-2B4T    one declaration
    python3 check.py --trust ca.pem --log-key log.vkey    keys got another way
    python3 check.py --held FILE         against a head or a proof that somebody kept

The exit code is 0 where everything fits, whosever the keys are; 1 where something does
not; and 2 where a FILE that somebody kept could not be read as a head or a proof.
"""

# ruff: noqa: T201 - it speaks to whoever runs it, and is to be short
from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import logging
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

HERE = Path(__file__).resolve().parent
WIDTH = 256  # entries in a full file of them (c2sp.org/tlog-tiles)
NUMBER = "/0123456789"  # behind the name of a log that was begun again, with its key
SEALED, SIGNED = "declaration:sealed", "declaration:signed"
problems, unread = list[str](), list[str]()
logging.disable(logging.CRITICAL)


def expect(held: object, sentence: str) -> bool:
    """Say what is wrong unless something holds."""
    if not held:
        problems.append(sentence)
        print("PROBLEM:", sentence)
    return bool(held)


def sha256(raw: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(raw).digest()


def signed_lines(note: str, origin: str, keys: Iterable[str]) -> list[str]:
    """The lines of a note that the key of a log signed (c2sp.org/signed-note)."""
    text, _, signatures = note.rpartition("\n\n")
    for line in keys:
        name, _, rest = line.strip().partition("+")
        key = base64.b64decode(rest.partition("+")[2])[1:]
        mark = sha256(origin.encode() + b"\n\x01" + key)[:4]
        known = name.rstrip(NUMBER) == origin.rstrip(NUMBER)
        for signature in signatures.splitlines():
            value = base64.b64decode(signature.rpartition(" ")[2])
            if known and value[:4] == mark:
                signed, public = f"{text}\n".encode(), Ed25519PublicKey
                public.from_public_bytes(key).verify(value[4:], signed)
                return text.split("\n")
    raise ValueError("no key that you trust signed it")


def checkpoint(note: str, keys: Iterable[str]) -> tuple[str, int, bytes]:
    """Origin, size and root of a signed checkpoint (c2sp.org/tlog-checkpoint)."""
    origin, size, root, *_ = signed_lines(note, note.partition("\n")[0], keys)
    return origin, int(size), base64.b64decode(root)


class Proof(NamedTuple):
    """That a signed head covers an entry (c2sp.org/tlog-proof); or a head alone."""

    place: int
    path: list[bytes]
    opening: bytes  # the salt, 32 bytes, and the record that the entry commits to
    note: str

    @classmethod
    def read(cls, path: Path) -> Proof:
        """What a file holds, as people keep it; of its signatures none is checked."""
        text, opening = path.read_text(encoding="utf-8-sig"), ""
        head, _, note = text.partition("\n\n")
        lines = head.split("\n")[1:]
        if not text.startswith("c2sp.org/"):
            lines, note = [], text
        elif lines[0].startswith("extra "):
            opening = lines.pop(0).removeprefix("extra ")
        place = lines.pop(0).removeprefix("index ") if lines else "0"
        nodes = [base64.b64decode(line) for line in lines]
        note = note.rstrip("\n") + "\n"
        _, size, root, *rest = note.split("\n")
        int(size), base64.b64decode(root, validate=True), rest[:-1].index("")
        return cls(int(place), nodes, base64.b64decode(opening), note)

    def leads(self, entry: bytes, size: int, root: bytes) -> bool:
        """Whether it leads from an entry up to a root, with nothing left over."""
        path, leaf = list(self.path), sha256(b"\x00" + entry)
        found = self.place < size and climb(leaf, self.place, size, path) == root
        return found and not path


def entries_of(folder: Path, size: int) -> Iterator[bytes]:
    """The entries of the log, 32 bytes each, in order."""
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        name, rest = f"{index % 1000:03d}", index // 1000
        while rest:
            name, rest = f"x{rest % 1000:03d}/{name}", rest // 1000
        raw = (folder / (name if width == WIDTH else f"{name}.p/{width}")).read_bytes()
        lengths = {*zip(raw[::34], raw[1::34], strict=False)}
        if len(raw) != 34 * width or lengths != {(0, 32)}:
            raise ValueError(f"the entries in {name} have another length")
        yield from (raw[place + 2 : place + 34] for place in range(0, len(raw), 34))


def root_of(leaves: list[bytes]) -> bytes:
    """The root of the tree over leaf hashes (RFC 6962, section 2.1)."""
    if len(leaves) < 2:  # noqa: PLR2004
        return leaves[0] if leaves else sha256(b"")
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root_of(leaves[:middle]) + root_of(leaves[middle:]))


def climb(leaf: bytes, position: int, size: int, path: list[bytes]) -> bytes:
    """The root that a proof leads to; uses up its path."""
    if size == 1:
        return leaf
    middle, other = 1 << (size - 1).bit_length() - 1, path.pop()
    if position < middle:
        return sha256(b"\x01" + climb(leaf, position, middle, path) + other)
    return sha256(b"\x01" + other + climb(leaf, position - middle, size - middle, path))


def level_of(reader: PdfFileReader, issuer: bytes, stamp: object) -> str:
    """The level of a seal: has it a timestamp, and its authority's revocation list?"""
    data: Any = [reader.root[key] for key in ("/DSS",) if key in reader.root]
    lists = [one["/CRLs"] for one in data if "/CRLs" in one]
    raw = [one[at].data for one in lists for at in range(len(one))]
    made_by = [x509.load_der_x509_crl(one).issuer.public_bytes() for one in raw]
    return ("B-LT" if issuer in made_by else "B-T") if stamp else "B-B"


class Bundle:
    """The unpacked bundle, and whom to trust in checking it."""

    def __init__(self, folder: Path, trust: Path, log_keys: Path) -> None:
        self.folder = folder
        authorities = x509.load_pem_x509_certificates(trust.read_bytes())
        self.authorities: list[Any] = [one.public_key() for one in authorities]
        self.roots = list(load_certs_from_pemder_data(trust.read_bytes()))
        tsa = b"".join(one.read_bytes() for one in folder.glob("keys/tsa.pem"))
        self.stamps = list(load_certs_from_pemder_data(tsa)) if tsa else []
        self.log_keys = log_keys.read_text(encoding="utf-8").split()
        note = (folder / "log/checkpoint").read_text(encoding="utf-8")
        self.origin, self.size, self.root = checkpoint(note, self.log_keys)
        self.entries = list(entries_of(folder / "log/tile/entries", self.size))
        self.leaves = [sha256(b"\x00" + entry) for entry in self.entries]
        self.sealed: dict[str, tuple[int, str]] = {}
        self.signed: dict[str, dict[str, str]] = {}
        self.erased: dict[int, int] = {}  # which later entry says so
        lines = (folder / "index.csv").read_text(encoding="utf-8").splitlines()[1:]
        self.index = {line.partition(",")[0]: line.split(",")[1:] for line in lines}
        expect(len(lines) == len(self.index), "The index lists a declaration twice.")
        self.opened = self.read_openings()

    def check_files(self) -> None:
        """Check what the log's key signed of the list of files, and each file in it."""
        note = (self.folder / "SHA256SUMS.note").read_text(encoding="utf-8")
        what, size, signed, _ = signed_lines(note, self.origin, self.log_keys)
        sums = (self.folder / "SHA256SUMS").read_bytes()
        held = what == f"audit bundle of {self.origin}" and int(size) == self.size
        held = held and signed == sha256(sums).hex()
        expect(held, "SHA256SUMS is not the list that was signed with this head.")
        listed = dict(line.split("  ", 1)[::-1] for line in sums.decode().splitlines())
        tops = {self.folder / name.partition("/")[0] for name in listed}
        there = [one for top in tops for one in top.rglob("[!.]*") if one.is_file()]
        names = {one.relative_to(self.folder).as_posix() for one in there}
        for name in sorted(listed.keys() | names):
            path, digest = self.folder / name, listed.get(name)
            held = path.is_file() and sha256(path.read_bytes()).hex() == digest
            expect(held, f"{name} is missing, or not what SHA256SUMS says.")

    def read_openings(self) -> set[int]:
        """Check what the entries commit to; gives those of them that are open."""
        opened: set[int] = set()
        with (self.folder / "log/openings.jsonl").open(encoding="utf-8") as lines:
            for one in map(json.loads, lines):
                raw, place = one["record"].encode(), one["position"]
                held = sha256(bytes.fromhex(one["salt"]) + raw) == self.entries[place]
                if not expect(held, f"Entry {place} does not commit to its record."):
                    continue
                opened.add(place)
                record = json.loads(raw)
                event, name = record["event"], record.get("declaration")
                told: Any = {SEALED: self.sealed, SIGNED: self.signed}.get(event, {})
                again = f"Entry {place} says of {name}, as one before: {event}."
                expect(name not in told, again)
                if event == SEALED:
                    self.sealed.setdefault(name, (place, record["pdf_sha256"]))
                elif event == SIGNED:
                    self.signed.setdefault(name, record)
                elif event == "parent:erased":
                    entries = map(int, record["entries"].split(","))
                    self.erased |= {one: place for one in entries if one < place}
        return opened

    def check_log(self) -> None:
        """Compute each signed root from the entries, and match entries with files."""
        expect(root_of(self.leaves) == self.root, "The entries lead to another root.")
        for path in sorted((self.folder / "log/checkpoints").glob("*.txt")):
            self.check_head(path, path.read_text(encoding="utf-8"))
        for place in sorted({*range(self.size)} - self.opened - self.erased.keys()):
            expect(None, f"Nothing says what entry {place} was, or that it was erased.")
        held = self.index.keys() == self.sealed.keys()
        expect(held, "The index lists other declarations.")
        for one in sorted(self.signed.keys() - self.sealed.keys()):
            expect(None, f"{one} was signed, and the log does not say it was sealed.")
        found = {path.stem for path in (self.folder / "declarations").glob("*.pdf")}
        for one in sorted(found - self.sealed.keys()):
            expect(None, f"{one} has a file and no entry in the log.")

    def check_head(self, at: Path, note: str) -> bool:
        """Compare the log with a head that was signed once, under whatever name."""
        try:
            origin, size, root = checkpoint(note, self.log_keys)
        except Exception as error:  # noqa: BLE001 - as below
            return expect(None, f"The head in {at} is no signed one: {error!r}")
        held = size <= self.size and root_of(self.leaves[:size]) == root
        since = "" if origin == self.origin else " It was begun again: some were lost."
        return expect(held, f"The log does not begin as the head in {at} says.{since}")

    def check_held(self, at: Path) -> None:
        """Compare the log with what somebody kept, and say what became of its entry."""
        try:
            kept = Proof.read(at)
        except (OSError, ValueError, IndexError) as error:
            unread.append(str(at))
            print(f"NOTE: {at} is no signed head, and no proof: {error}")
            return
        if self.check_head(at, kept.note):
            print(f"{at}: the log begins as the head in it says.")
        try:
            if kept.opening:
                self.check_entry(kept, f"{at}: its entry, {kept.place},")
        except Exception as error:  # noqa: BLE001 - as below
            expect(None, f"The proof in {at} cannot be followed: {error!r}")

    def check_entry(self, proof: Proof, its: str) -> None:
        """Say what today's log and this bundle have of the entry of a held proof."""
        entry, said = sha256(proof.opening), json.loads(proof.opening[32:])
        _, size, root = checkpoint(proof.note, self.log_keys)
        if not expect(proof.leads(entry, size, root), f"{its} is not under its head."):
            return
        one, sealed = str(said.get("declaration")), said.get("pdf_sha256")
        place = self.entries.index(entry) if entry in self.entries else -1
        if place not in self.opened and self.sealed.get(one, (0, ""))[1] == sealed:
            place = self.sealed[one][0]  # of a log begun again, with the record anew
        by = self.erased.get(place, self.erased.get(proof.place))
        if place in self.opened:
            print(f"{its} is still in the log, as entry {place}: {said['event']}")
            pdf = self.folder / f"declarations/{one}.pdf"
            held = said["event"] != SEALED or pdf.is_file()
            expect(held, f"{its} is of {one}, and that is missing here.")
        elif place >= 0 and by:
            print(f"{its} is in the log, and entry {by} says that the school has")
            print(f"erased what it kept of it, {one}. Where that should not be, ask.")
        else:
            expect(None, f"{its} is gone from the log, and nothing says why: {one}.")

    def check_proof(self, one: str) -> None:
        """Follow a declaration's proof from its entry up to a signed root."""
        place, path = self.sealed[one][0], self.folder / f"proofs/{one}.tlog-proof"
        proof = Proof.read(path)
        _, size, root = checkpoint(proof.note, self.log_keys)
        held = proof.place == place and proof.leads(self.entries[place], size, root)
        expect(held, f"{one}: the proof does not lead to the signed root.")

    def check_index(self, one: str, version: int, level: str, at: datetime) -> None:
        """Compare what the index says of a declaration with the log and its file."""
        file, digest, number, stored, seal, place = self.index[one]
        right = (file, seal) == (f"declarations/{one}.pdf", level)
        right &= (int(place), digest) == self.sealed[one] and int(number) == version
        right &= abs(datetime.fromisoformat(stored) - at) < timedelta(hours=1)
        expect(right, f"{one}: what the index says of it is not so.")

    def check_declaration(self, one: str) -> None:
        """Check a declaration's file, its seal, what is inside, and its proof."""
        try:
            pdf = (self.folder / f"declarations/{one}.pdf").read_bytes()
            held = sha256(pdf).hex() == self.sealed.get(one, (0, ""))[1]
            expect(held, f"{one}: the file is not the one that the log names.")
            for copy in self.folder.glob(f"archive/{one}.pdf"):
                held = copy.read_bytes().startswith(pdf)
                expect(held, f"{one}: its archive copy does not begin with the file.")
            reader = PdfFileReader(BytesIO(pdf), strict=True)
            level, at = self.check_seal(one, reader)
            version = self.check_inside(one, reader)
            self.check_proof(one)
            self.check_index(one, version, level, at)
        except Exception as error:  # noqa: BLE001 - whatever breaks is a problem of it
            expect(None, f"{one} cannot be checked: {error!r}")

    def check_seal(self, one: str, reader: PdfFileReader) -> tuple[str, datetime]:
        """Check the seal: unchanged, over all, by one you trust; gives level, time."""
        [signature] = reader.embedded_signatures
        at = signature.self_reported_timestamp
        known = ValidationContext(self.roots, moment=at, best_signature_time=at)
        stamps = ValidationContext(self.stamps, moment=at)
        status = asyncio.run(async_validate_pdf_signature(signature, known, stamps))
        expect(status.intact, f"{one} was changed after it was sealed.")
        expect(status.valid, f"{one}: the seal does not fit its certificate.")
        expect(status.trusted, f"{one}: nobody that you trust confirms the seal.")
        whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        expect(whole, f"{one}: the seal does not cover the whole file.")
        none = status.modification_level is ModificationLevel.NONE and status.docmdp_ok
        none = none and signature.docmdp_level is MDPPerm.NO_CHANGES
        expect(none, f"{one}: the seal allows changes, or there are some.")
        stamp = status.timestamp_validity
        held = not (stamp and self.stamps) or (stamp.valid and stamp.trusted)
        expect(held, f"{one}: nobody that you trust confirms the timestamp.")
        if (path := self.folder / "keys/ca.crl").exists():
            listed = x509.load_der_x509_crl(path.read_bytes())
            held = any(map(listed.is_signature_valid, self.authorities))
            expect(held, "Nobody that you trust signed the list of what is revoked.")
            serial = signature.signer_cert.serial_number
            found = listed.get_revoked_certificate_by_serial_number(serial)
            held = found is None or found.revocation_date_utc > at
            expect(held, f"{one}: the seal's certificate had been revoked.")
        return level_of(reader, signature.signer_cert.issuer.dump(), stamp), at

    def check_inside(self, one: str, reader: PdfFileReader) -> int:
        """Compare statement and policy with log and released text; gives its number."""
        names: Any = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
        pairs = [(names[at], names[at + 1]) for at in range(0, len(names), 2)]
        inside = {str(name): file["/EF"]["/F"].data for name, file in pairs}
        statement = json.loads(raw := inside["declaration.json"])
        number, named = statement["policy_version"], statement["policy_sha256"]
        released = (self.folder / f"versions/{number}.md").read_bytes()
        text, signed = inside[f"{number}.md"], self.signed.get(one, {})
        expect(statement["declaration_id"] == one, f"{one} holds another declaration.")
        held = signed.get("statement_sha256") == sha256(raw).hex()
        held = held and signed["version_sha256"] == named
        expect(held, f"{one}: the log has no entry for the signing of what it says.")
        held = sha256(text).hex() == named and text == released
        expect(held, f"{one}: the text inside is not version {number} as released.")
        return int(number)


def main() -> int:
    """Check what was asked for; gives the exit code."""
    parser = argparse.ArgumentParser(description="Check this audit bundle.")
    parser.add_argument("declaration", nargs="*", help="its reference; all by default")
    parser.add_argument("--trust", type=Path, metavar="CERT", help="your ca.pem")
    parser.add_argument("--log-key", type=Path, metavar="FILE", help="your log.vkey")
    parser.add_argument("--held", type=Path, action="append", help="a head or proof")
    asked = parser.parse_args()
    trust, log = asked.trust or HERE / "keys/ca.pem", asked.log_key
    try:
        bundle = Bundle(HERE, trust, log or HERE / "keys/log.vkey")
        bundle.check_files()
        bundle.check_log()
    except Exception as error:  # noqa: BLE001 - whatever breaks is said in one line
        print(f"PROBLEM: the files and the log cannot be checked: {error!r}")
        return 1
    chosen = asked.declaration or sorted(bundle.sealed)
    for path in asked.held or []:
        bundle.check_held(path)
    for one in chosen:
        bundle.check_declaration(one)
    print(f"Entries of the log {bundle.origin}: {bundle.size}")
    print(f"Of these, open: {len(bundle.opened)}")
    print(f"Declarations checked: {len(chosen)}")
    print(f"Problems found: {len(problems)}")
    if not (asked.trust and asked.log_key):
        print("SIGNER UNKNOWN TO YOU. Keys of its own were trusted, and anybody can")
        print("make such a bundle. Compare these with the school's by telephone:")
        print(bundle.roots[0].sha256_fingerprint, *bundle.log_keys, sep="\n")
    if unread:
        print("NOT COMPARED, since nothing could be read in it:", *unread)
    return 1 if problems else 2 if unread else 0


if __name__ == "__main__":
    sys.exit(main())
