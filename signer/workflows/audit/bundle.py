"""Exporting everything that an auditor needs, as one ZIP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TypeVarTuple

from sqlalchemy import Select, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, selectinload

from signer import clock
from signer.audit import bundle
from signer.audit.bundle import Opened, Row
from signer.audit.check import stand_alone
from signer.audit.signed_list import SignedList
from signer.declaration.statement import from_json
from signer.errors import LogBroken, NothingToAudit
from signer.ledger.proof_files import Proof
from signer.ledger.tiles import tiles_of
from signer.ledger.tree import Node, Nodes, inclusion_proof
from signer.policy.versions import REVIEWS, SUMS
from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.log.append import parts_of
from signer.store.log.hashes import use_snapshot
from signer.store.log.tables import Opening, SignedCheckpoint, TreeNode
from signer.store.tables import Declaration, PinnedVersion, SealedPdf
from signer.workflows.audit.bundle_writer import BundleFile, new_bundle
from signer.workflows.context import AppContext
from signer.workflows.declarations.dictionary import as_found
from signer.workflows.keys.published import (
    AUTHORITY,
    LOG_KEY,
    LOG_VERIFIERS,
    REVOCATION,
    SEAL,
    former_seals,
    published_file,
)
from signer.workflows.log.origins import origins
from signer.workflows.log.sign_checkpoint import newest_checkpoint, sign_checkpoint

_Columns = TypeVarTuple("_Columns")

_TEXT_SEALED = b'"event":"version:sealed"'

_LINES = 1000
_PDFS = 20
"""How many rows are in memory at a time: of lines, and of PDFs."""

_WAITING = """
NOT COMPLETE YET: {} of the declarations that the log tells of had no seal when this was
made, and are not in it. The check calls them missing. Ask for another bundle.
"""

_NODES = 4096
"""Neighbouring proofs share most of their hashes."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds.

    Attributes:
        declarations: how many sealed PDFs.
        entries: how many entries of the log.
        origin: the log's name.
        size: of the ZIP, in bytes.
        problem: why no newer head of the log was signed; None where all is well.
        waiting: how many declarations are signed and have no seal yet: the log tells
            of them, and the bundle cannot hold them.
        waiting_why: what the last try to seal one met; None where none was made.
    """

    declarations: int
    entries: int
    origin: str
    size: int
    problem: str | None
    waiting: int
    waiting_why: str | None


def export_audit(
    context: AppContext,
    path: Path,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Exported:
    """Write an audit bundle of all that the log's newest head covers.

    Afterwards the whole log was hashed again and its head is signed, and the file is
    there as a whole, for its owner's eyes alone, with what the database held at one
    moment. A log that is broken is exported as it is: the audit names what is
    wrong with it.

    Args:
        context: the context.
        path: the ZIP; it must not be there yet.
        progress: hears how many declarations are done, and how many there are.

    Raises:
        KeyUnusable: the log's key cannot be read.
        NothingToAudit: no head of the log was ever signed, and there is none to sign.
        FileExists: the file is there already.
        FileNotWritten: it cannot be written; then nothing is left behind.
    """
    problem = None
    try:
        sign_checkpoint(context, whole=True)
    except LogBroken as error:
        problem = error.problem
    with context.sessions.reading() as session:
        use_snapshot(session)
        newest = newest_checkpoint(session)
        if newest is None:
            raise NothingToAudit
        waiting, why = _waiting(session)
        with new_bundle(path) as file:
            count = _Export(context, session, newest, file).write(progress)
            _write_keys(context, file)
            file.add(bundle.VERIFIER, stand_alone())
            file.add(bundle.README, _readme(context, newest, waiting))
            signed = partial(
                SignedList,
                newest.origin.origin,
                newest.size,
                made_at=clock.iso(clock.now()),
            )
            signer = context.log_key().signer(newest.origin.origin)
            file.finish(lambda sums: signed(sums_sha256=sums).signed(signer))
        return Exported(
            declarations=count,
            entries=newest.size,
            origin=newest.origin.origin,
            size=path.stat().st_size,
            problem=problem,
            waiting=waiting,
            waiting_why=why,
        )


def _waiting(session: Session) -> tuple[int, str | None]:
    """How many declarations have no seal yet, and what prevents one."""
    unsealed = Declaration.pdf_sha256.is_(None)
    count = session.scalar(select(func.count()).where(unsealed)) or 0
    why = session.scalar(
        select(Declaration.seal_problem)
        .where(unsealed, Declaration.seal_problem.is_not(None))
        .order_by(Declaration.signed_at.desc())
        .limit(1)
    )
    return count, why


@dataclass(frozen=True, slots=True)
class _Export:
    """The part of a bundle that comes from the database, at one moment."""

    _context: AppContext
    _session: Session
    _newest: SignedCheckpoint
    _file: BundleFile
    _sealed_texts: list[str] = field(default_factory=list)

    def write(self, progress: Callable[[int, int], None]) -> int:
        """Write it; gives how many declarations there are."""
        self._file.stream(bundle.INDEX, self._index())
        count = self._write_declarations(progress)
        self._write_heads()
        for tile in tiles_of(self._newest.size):
            content = tile.packed(parts_of(self._session, tile))
            self._file.add(bundle.tile_file(tile), content)
        self._file.stream(bundle.OPENINGS, self._openings())
        self._write_sealed_texts()
        for version in self._context.versions:
            self._file.add(f"versions/{version.filename}", version.source)
        for name in (SUMS, REVIEWS):
            beside = self._context.settings.versions_dir / name
            if beside.is_file():
                self._file.add(f"versions/{name}", beside.read_bytes())
        return count

    def _covered(self, query: Select[*_Columns]) -> Select[*_Columns]:
        """What is asked of declarations, of those alone that the newest head covers."""
        return query.where(
            Declaration.pdf_sha256.is_not(None),
            Declaration.sealed_position < self._newest.size,
        )

    def _index(self) -> Iterator[bytes]:
        yield bundle.HEADINGS.encode()
        query = (
            self._covered(select(Declaration))
            .order_by(Declaration.sealed_position)
            .execution_options(yield_per=_LINES)
        )
        for one in self._session.scalars(query):
            row = Row(
                declaration=one.id,
                file=bundle.declaration_file(one.id),
                sha256=one.pdf_sha256 or "",
                version=from_json(one.statement).policy_version,
                sealed_at=clock.iso(one.sealed_at) if one.sealed_at else "",
                level=one.level or "",
                leaf=one.sealed_position or 0,
            )
            yield row.line.encode()

    def _write_declarations(self, progress: Callable[[int, int], None]) -> int:
        """Write each PDF, its archive copy and its proof, in the order of the log."""
        count = self._session.scalar(
            self._covered(select(func.count()).select_from(Declaration))
        )
        nodes = _KeptNodes(self._session)
        query = (
            self._covered(
                select(
                    Declaration.id,
                    Declaration.sealed_position,
                    SealedPdf,
                    ArchiveCopy.addition,
                    Opening.salt,
                    Opening.record,
                )
            )
            .join(SealedPdf, SealedPdf.sha256 == Declaration.pdf_sha256)
            .outerjoin(ArchiveCopy, ArchiveCopy.declaration_id == Declaration.id)
            .outerjoin(Opening, Opening.position == Declaration.sealed_position)
            .order_by(Declaration.sealed_position)
            .execution_options(yield_per=_PDFS)
        )
        rows = self._session.execute(query)
        for done, row in enumerate(rows, start=1):
            one, position, sealed, addition, salt, record = row
            pdf = as_found(sealed)
            self._file.add(bundle.declaration_file(one), pdf, packed=False)
            if addition is not None:
                name = bundle.archive_copy_file(one)
                self._file.add(name, pdf + addition, packed=False)
            extra = salt + record if salt else b""
            proof = self._proof(nodes, position or 0, extra)
            if proof is not None:
                self._file.add(bundle.proof_file(one), str(proof).encode())
            progress(done, count or done)
        return count or 0

    def _proof(self, nodes: Nodes, position: int, extra: bytes) -> Proof | None:
        """The proof of an entry; None where the log has lost what it is made from."""
        try:
            path = inclusion_proof(nodes, position, self._newest.size)
        except NoResultFound:
            return None
        return Proof(position, tuple(path), self._newest.cosigned, extra)

    def _write_heads(self) -> None:
        self._file.add(bundle.CHECKPOINT, self._newest.cosigned.encode())
        heads = {
            (one.origin_number, one.size): one.cosigned
            for one in self._session.scalars(
                select(SignedCheckpoint).options(
                    selectinload(SignedCheckpoint.cosignatures)
                )
            )
        }
        for origin in origins(self._session):
            # What a reopened log goes on from is nowhere else, if it was lost.
            if origin.after is not None:
                size = int(origin.after.split("\n")[1])
                heads.setdefault((origin.number - 1, size), origin.after)
        for (number, size), note in sorted(heads.items()):
            self._file.add(bundle.checkpoint_file(number, size), note.encode())

    def _openings(self) -> Iterator[bytes]:
        query = (
            select(Opening.position, Opening.salt, Opening.record)
            .where(Opening.position < self._newest.size)
            .order_by(Opening.position)
            .execution_options(yield_per=_LINES)
        )
        for position, salt, record in self._session.execute(query):
            if _TEXT_SEALED in record:
                self._sealed_texts.append(json.loads(record)["pdf_sha256"])
            yield Opened(position, salt, record).line.encode()

    def _write_sealed_texts(self) -> None:
        """Write the sealed PDFs of the versions that the newest head covers."""
        query = (
            select(PinnedVersion.number, SealedPdf)
            .join(SealedPdf, SealedPdf.sha256 == PinnedVersion.pdf_sha256)
            .where(SealedPdf.sha256.in_(self._sealed_texts))
            .order_by(PinnedVersion.number)
        )
        for number, pdf in self._session.execute(query):
            self._file.add(f"versions/{number}.pdf", as_found(pdf), packed=False)


class _KeptNodes:
    """The tree's nodes; those that were asked for lately are kept."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept = lru_cache(_NODES)(self._read)

    def __getitem__(self, node: Node, /) -> bytes:
        return self._kept(node)

    def _read(self, node: Node) -> bytes:
        level, place = node
        query = select(TreeNode.hash).where(
            TreeNode.level == level, TreeNode.place == place
        )
        return self._session.execute(query).scalar_one()


def _write_keys(context: AppContext, file: BundleFile) -> None:
    names = {
        bundle.AUTHORITY: AUTHORITY,
        bundle.REVOCATION_LIST: REVOCATION,
        bundle.LOG_KEYS: LOG_VERIFIERS,
        bundle.LOG_KEY_PEM: LOG_KEY,
        bundle.SEAL: SEAL,
    }
    names |= {f"keys/{one.name}": one.name for one in former_seals(context)}
    for name, published in names.items():
        content = published_file(context, published)
        if content:
            file.add(name, content)
    stamps = context.settings.tsa_trust_file
    if stamps is not None:
        file.add(bundle.TIMESTAMPS, stamps.read_bytes())


def _readme(context: AppContext, newest: SignedCheckpoint, waiting: int) -> bytes:
    text = (files("signer.audit.bundled") / "readme.txt").read_text(encoding="utf-8")
    for name, value in (
        ("school", context.settings.school_name.upper()),
        ("made", clock.in_school_time(clock.now())),
        ("origin", newest.origin.origin),
        ("size", str(newest.size)),
        ("waiting", _WAITING.format(waiting) if waiting else ""),
    ):
        text = text.replace(f"{{{name}}}", value)
    return text.encode()
