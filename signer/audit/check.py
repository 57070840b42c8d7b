"""Checking an audit bundle: all of it, naming every gap, never stopping at the first.

Nothing is unpacked, nothing is fetched, and whatever the file is, there is an answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from signer.audit.archive import Archive, shown
from signer.audit.bundle import (
    ARCHIVE_COPY,
    DECLARATION,
    HEADINGS,
    INDEX,
    NEEDED,
    SIGNED_SUMS,
    SUMS,
    VERIFIER,
    VERSION_PDF,
    Row,
    declaration_file,
    read_row,
)
from signer.audit.bundled import CHECK, script
from signer.audit.checkpoints import (
    Head,
    HeldProofs,
    check_cosigned,
    check_heads,
    check_names,
    claimed_head,
    read_heads,
    read_held,
)
from signer.audit.declarations import DeclarationChecks, check_matching, sample_of
from signer.audit.findings import Audit, Counts, Findings
from signer.audit.leaves import Leaves
from signer.audit.log_events import Told, read_told
from signer.audit.signed_list import check_signed_list
from signer.audit.trust import Given, Trust, read_trust
from signer.audit.verify_pdfs import examined
from signer.audit.versions import (
    check_pins,
    check_sealed_text,
    check_sealed_texts,
    read_texts,
)
from signer.declaration.verify.inputs import VerificationInputs
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.policy.versions import Version

SAMPLE = 100
"""How many declarations are typeset again where a sample is asked for."""

MOST_LISTED = 10_000
"""So many lines may name what is not there: each is named, and has to be held."""

_Listed = TypeVar("_Listed")

_SUM = re.compile(r"([0-9a-f]{64})  ([!-~]{1,200})\n", re.ASCII)


def stand_alone() -> bytes:
    """The verifier that travels in a bundle."""
    return script(CHECK)


def check_bundle(
    path: Path,
    given: Given | None = None,
    *,
    deep: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Audit:
    """Check a bundle on all cores.

    Args:
        path: the ZIP.
        given: what was got by another way; it wins over the bundle's own keys.
        deep: whether to typeset a sample of `SAMPLE` declarations again.
        progress: hears how many PDFs are done, and how many there are.

    Raises:
        BundleRefused: it cannot be read as a ZIP at all.
    """
    findings = Findings()
    with Archive(path, findings) as archive:
        return _Check(archive, given or Given(), findings).run(
            deep=deep, progress=progress
        )


class _Check:
    def __init__(self, archive: Archive, given: Given, findings: Findings) -> None:
        self._archive = archive
        self._given = given
        self._findings = findings
        self._counts = Counts(files=len(archive.names))
        self._most_lines = len(archive.names) + MOST_LISTED

    def run(self, *, deep: bool, progress: Callable[[int, int], None]) -> Audit:
        for name in NEEDED:
            if name not in self._archive:
                self._findings.gap(name, "It is missing.")
        self._check_verifier()
        listed = self._check_sums()
        versions = read_texts(self._archive, self._findings)
        trust = read_trust(self._archive, self._given, self._findings)
        newest, heads = read_heads(self._archive, trust.log, self._findings)
        check_cosigned(
            self._archive, self._given.witnesses, self._given.quorum, self._findings
        )
        told, roots = self._read_log(trust, newest, heads)
        check_pins(told, versions, self._findings)
        check_matching(self._archive, told, self._findings)
        check_sealed_texts(self._archive, told, self._findings)
        index = self._read_index()
        check_signed_list(
            self._archive,
            trust.log,
            newest,
            index.values(),
            self._findings,
            may_lack=self._given.unsigned_list,
        )
        declarations = DeclarationChecks(
            self._archive,
            told,
            keys=trust.log,
            roots=roots,
            index=index,
            findings=self._findings,
            counts=self._counts,
            signer_known=bool(self._given.trust_roots),
        )
        seed = newest.checkpoint.root if newest else b""
        sample = {*sample_of(told.sealed, seed, SAMPLE if deep else 0)}
        known = _known(trust, versions, deep=deep)
        names = [one for one in self._archive.names if one.endswith(".pdf")]
        reports = examined(
            self._archive,
            names,
            known,
            {*map(declaration_file, sample)},
            self._findings,
        )
        for done, (name, report) in enumerate(reports, start=1):
            if listed.get(name, report.sha256) != report.sha256:
                self._findings.gap(name, f"It is not what {SUMS} says.")
            if text := VERSION_PDF.fullmatch(name):
                check_sealed_text(int(text[1]), report, told, self._findings)
            elif copy := ARCHIVE_COPY.fullmatch(name):
                declarations.check_archive_copy(copy[1], report)
            elif found := DECLARATION.fullmatch(name):
                declarations.check(found[1], report, sampled=found[1] in sample)
            progress(done, len(names))
        declarations.check_proofs()
        self._count(told, heads, versions)
        return Audit(
            findings=self._findings.all(),
            gaps=self._findings.gaps,
            counts=self._counts,
            origin=newest.checkpoint.origin if newest else None,
            signed_root=newest.checkpoint.root.hex() if newest else None,
            own_keys=trust.own_keys,
        )

    def _check_verifier(self) -> None:
        if VERIFIER not in self._archive:
            return
        with self._findings.refusals(VERIFIER):
            if self._archive.read(VERIFIER) != stand_alone():
                self._findings.note(
                    VERIFIER,
                    "It is not the one of this release: another release made the "
                    "bundle, or it was changed. Read it before you run it.",
                )

    def _check_sums(self) -> dict[str, str]:
        """Compare every file but the PDFs with the list; gives the list."""
        listed = self._read_sums()
        for name in self._archive.names:
            if name not in listed and name not in {SUMS, SIGNED_SUMS}:
                self._findings.gap(name, f"{SUMS} does not list it.")
            if name in {SUMS, SIGNED_SUMS} or name.endswith(".pdf"):
                # The PDFs are read once, when they are looked into.
                continue
            with self._findings.refusals(name):
                found = hashlib.sha256()
                for piece in self._archive.pieces(name):
                    found.update(piece)
                if listed.get(name, found.hexdigest()) != found.hexdigest():
                    self._findings.gap(name, f"It is not what {SUMS} says.")
        for name in listed:
            if name not in self._archive:
                self._findings.gap(shown(name), f"{SUMS} lists it, and it is missing.")
        return listed

    def _read_sums(self) -> dict[str, str]:
        def read(_number: int, line: str) -> tuple[str, str] | None:
            found = _SUM.fullmatch(line)
            return (found[2], found[1]) if found else None

        return self._read_list(SUMS, read)

    def _read_index(self) -> dict[str, Row]:
        def read(number: int, line: str) -> tuple[str, Row] | None:
            row = read_row(line)
            return None if number == 1 else (row.declaration, row)

        return self._read_list(INDEX, read, heading=HEADINGS)

    def _read_list(
        self,
        name: str,
        read: Callable[[int, str], tuple[str, _Listed] | None],
        *,
        heading: str = "",
    ) -> dict[str, _Listed]:
        """What a list says of each; a gap for each line that is not as it must be."""
        listed: dict[str, _Listed] = {}
        with self._findings.refusals(name):
            for number, line in enumerate(self._archive.lines(name), 1):
                if number == 1 and line == heading:
                    continue
                try:
                    found = read(number, line)
                except ValueError:
                    found = None
                if len(listed) == self._most_lines:
                    self._findings.gap(name, "It lists far more than there is.")
                    break
                if found is None or found[0] in listed:
                    self._findings.gap(name, f"Line {number} is not as it must be.")
                else:
                    listed[found[0]] = found[1]
        return listed

    def _read_log(
        self, trust: Trust, newest: Head | None, heads: list[Head]
    ) -> tuple[Told, Mapping[int, bytes]]:
        """What the log tells, and its root at each size that somebody vouches for."""
        held = read_held(self._given.held, trust.log, self._findings)
        sizes = {head.checkpoint.size for head in (*heads, *held)}
        if newest is None:
            newest = claimed_head(self._archive)
        if newest is None:
            for head in held:
                self._findings.gap(head.where, "There is no log to compare it with.")
            return Told(), {}
        size = newest.checkpoint.size
        leaves = Leaves(self._archive, size, sizes, self._findings)
        proofs = HeldProofs(self._given.held, trust.log, self._findings)
        hashes = proofs.noting(leaves.hashes())
        told = read_told(self._archive, hashes, self._findings)
        check_heads([*heads, *held], newest, leaves.roots, self._findings)
        check_names([newest], self._findings)
        proofs.check(told)
        self._counts.entries = size
        return told, leaves.roots

    def _count(
        self, told: Told, heads: list[Head], versions: Mapping[int, Version]
    ) -> None:
        counts = self._counts
        counts.checkpoints = len({one.checkpoint for one in heads})
        counts.versions = len(versions)
        counts.signed = len(told.signed)
        counts.sealed = len(told.sealed)
        counts.erased = len(told.erased)
        counts.paper = told.count("declaration:paper") - told.count("paper:undone")
        counts.declined = told.count("request:declined")
        counts.withdrawn = told.count("request:withdrawn")
        counts.parents_erased = told.parents_erased


def _known(
    trust: Trust, versions: Mapping[int, Version], *, deep: bool
) -> VerificationInputs:
    rendered = None
    if deep:
        rendered = {
            number: blocks(to_html(version.body))
            for number, version in versions.items()
        }
    return VerificationInputs(
        trust_roots=trust.roots,
        tsa_roots=trust.stamps,
        revocation_lists=trust.lists,
        released={number: version.source for number, version in versions.items()},
        rendered=rendered,
    )
