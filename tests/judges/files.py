"""What the judges are asked about: genuine files of every kind, and the corpus."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from signer import clock
from signer.declaration.seal.seal import seal
from signer.declaration.verify import Result
from tests.conftest import MOMENT
from tests.corpus.bench import Bench
from tests.corpus.cases import ROOMS
from tests.corpus.kinds import genuine
from tests.declaration.archiving import kept_for_years
from tests.declaration.forgery import STATEMENT, typeset_declaration
from tests.declaration.pdf.test_version_pdf import version_pdf
from tests.declaration.school import School
from tests.judges.names import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from tests.corpus.case import Case

SOON = clock.parse("2026-12-10T00:00:00Z")
"""When files are judged: every certificate and list holds."""

PLAIN = "Declaration, B-B"
TIMED = "Declaration, B-T with its validation data"
ARCHIVED = "Archive copy, B-LTA"
VERSION = "PDF of a version, B-B"
TIMED_VERSION = "PDF of a version, B-T with its validation data"
_SHORT = {PLAIN: "b", TIMED: "t", ARCHIVED: "lta", VERSION: "b", TIMED_VERSION: "t"}
OF_THE_CORPUS = "Genuine file of the corpus"


@dataclass(frozen=True, slots=True)
class File:
    """One file to be judged."""

    path: Path
    kind: str
    """Of a genuine file, one of the above; of another, the kind of what was done."""
    key: str
    """The kind of the key that sealed it, such as ``RSA-3072``."""
    done: str = ""
    """What was done to it."""
    name: str = ""
    """Whose name is in it, where the words of its structure are to be looked at."""
    at: datetime = SOON
    lists: tuple[Path, ...] = ()
    """Revocation lists that go with it alone."""
    answer: Result = Result.GENUINE
    """What `signer verify` says of it."""

    @property
    def genuine(self) -> bool:
        """Whether the school made it, and nobody did anything to it since."""
        return self.answer is Result.GENUINE


def write(folder: Path, names: Sequence[str] = NAMES) -> list[File]:
    """Write all files into a folder, and in ``trust/`` what to trust.

    Args:
        folder: where they go; it must not be there yet.
        names: of the parents in the genuine declarations.
    """
    # Apart from the rest: a forgery's own list must not speak of genuine files.
    (folder / "trust").mkdir(parents=True)
    bench = Bench(folder)
    try:
        with clock.frozen(MOMENT):
            schools = {"RSA-3072": bench.school, "P-256": bench.curved}
            _trust(folder / "trust", bench, schools.values())
            files = list(_genuine(folder, bench, schools, names))
            files += _corpus(folder, bench)
    finally:
        bench.close()
    return files


def _trust(folder: Path, bench: Bench, schools: Iterable[School]) -> None:
    roots = [bench.authorities.certificate("root")]
    for number, school in enumerate(schools):
        roots.append(school.files.authority)
        listed = school.listed().public_bytes(Encoding.DER)
        (folder / f"{number}.crl").write_bytes(listed)
    for number, root in enumerate(roots):
        (folder / f"{number}.pem").write_bytes(root.public_bytes(Encoding.PEM))


def _genuine(
    folder: Path, bench: Bench, schools: dict[str, School], names: Sequence[str]
) -> Iterator[File]:
    for number, name in enumerate(names):
        _tell(f"\rMaking files: name {number + 1} of {len(names)}")
        statement = replace(STATEMENT, parent_name=name, typed_name=name)
        typeset = typeset_declaration(statement)
        for key, school in schools.items():
            made = _every_kind(typeset, bench, school)
            for kind, pdf in zip((PLAIN, TIMED, ARCHIVED), made, strict=True):
                path = folder / f"name-{number:02}-{key}-{_SHORT[kind]}.pdf"
                path.write_bytes(pdf)
                yield File(path, kind, key, name=name)
    _tell("\n")
    typeset = version_pdf()
    for key, school in schools.items():
        plain, timed, _ = _every_kind(typeset, bench, school)
        for kind, pdf in ((VERSION, plain), (TIMED_VERSION, timed)):
            path = folder / f"version-{key}-{_SHORT[kind]}.pdf"
            path.write_bytes(pdf)
            yield File(path, kind, key)


def _every_kind(
    typeset: bytes, bench: Bench, school: School
) -> tuple[bytes, bytes, bytes]:
    authority = school.with_time_from(bench.authorities.stamps("tsa-first"))
    timed = seal(typeset, school.key, at=MOMENT, authority=authority).pdf
    archived = kept_for_years(timed, school, bench.authorities, times=1)
    return seal(typeset, school.key, at=MOMENT).pdf, timed, archived


def _corpus(folder: Path, bench: Bench) -> Iterator[File]:
    for room in ROOMS:
        for case in room.case.cases:
            # Nothing was done to the other files of the first room, and what is made to
            # use up a machine would do so here.
            sound = room is not genuine or case.answer is Result.GENUINE
            if sound and not case.heavy:
                kind = room.__name__.rpartition(".")[2]
                yield _of_the_corpus(folder, bench, case, kind)


def _of_the_corpus(folder: Path, bench: Bench, case: Case, kind: str) -> File:
    path = folder / case.file
    path.write_bytes(case.make(bench))
    lists: list[Path] = []
    for one in case.given(bench).get("revocation_lists", ()):
        lists.append(path.with_name(f"{case.name}-{len(lists)}.crl"))
        lists[-1].write_bytes(one.public_bytes(Encoding.DER))
    return File(
        path,
        OF_THE_CORPUS if case.answer is Result.GENUINE else kind,
        "RSA-3072",
        done=case.done,
        # A genuine file has no archive timestamp, so others judge it while it is young.
        at=SOON if case.answer is Result.GENUINE else max(SOON, MOMENT + case.after),
        lists=tuple(lists),
        answer=case.answer,
    )


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
