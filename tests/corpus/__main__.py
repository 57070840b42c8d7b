"""Writes the corpus: ``python -m tests.corpus FOLDER``.

The folder then holds every file, and beside them what checks them: ``ca.pem``,
``tsa.pem``, the released version, and ``index.json``, which says of each file what
was done to it, which answer it must get and which check must give it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding

from signer import clock
from tests.conftest import MOMENT
from tests.corpus.bench import Bench
from tests.corpus.case import OPEN
from tests.corpus.cases import CASES
from tests.declaration.forgery import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography import x509

    from tests.corpus.case import Case


def write(folder: Path, cases: Sequence[Case] = CASES) -> None:
    """Write files and index into a folder, which is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench()
    try:
        with clock.frozen(MOMENT):
            entries = [_written(folder, case, bench) for case in cases]
            _certificates(folder / "ca.pem", [bench.school.files.authority])
            stamps = bench.authorities.certificate("root")
            _certificates(folder / "tsa.pem", [stamps])
    finally:
        bench.close()
    (folder / "versions").mkdir(exist_ok=True)
    (folder / "versions" / VERSION.filename).write_bytes(VERSION.source)
    text = json.dumps(entries, indent=2, ensure_ascii=False)
    (folder / "index.json").write_text(text + "\n", encoding="utf-8")


def _written(folder: Path, case: Case, bench: Bench) -> dict[str, Any]:
    (folder / case.file).write_bytes(case.make(bench))
    given = case.given(bench)
    entry: dict[str, Any] = {
        "file": case.file,
        "done": case.done,
        "answer": str(case.answer),
        # Who runs out of time or memory cannot tell, and may say so.
        "or": str(OPEN) if case.heavy else None,
        "step": case.step,
        "checked_at": clock.iso(MOMENT + case.after),
        "deep": case.deep,
        "trust": "ca.pem",
        "tsa_trust": "tsa.pem" if "tsa_roots" in given else None,
        "crl": None,
        "versions": "versions",
    }
    if "released" in given:
        entry["versions"] = _texts(folder / f"{case.name}-versions", given["released"])
    if "trust_roots" in given:
        entry["trust"] = f"{case.name}.pem" if given["trust_roots"] else None
        _certificates(folder / f"{case.name}.pem", given["trust_roots"])
    if case.name.startswith("timestamp-by-the-school"):
        entry["tsa_trust"] = "ca.pem"
    for one in given.get("revocation_lists", ()):
        entry["crl"] = f"{case.name}.crl"
        (folder / entry["crl"]).write_bytes(one.public_bytes(Encoding.DER))
    return entry


def _texts(folder: Path, released: Mapping[int, bytes]) -> str | None:
    """A folder of texts by their number; None where there are none."""
    for number, text in released.items():
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.md").write_bytes(text)
    return folder.name if released else None


def _certificates(path: Path, certificates: Sequence[x509.Certificate]) -> None:
    raw = b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
    if raw:
        path.write_bytes(raw)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the corpus of forgeries.")
    parser.add_argument("folder", type=Path, help="where the files go")
    write(parser.parse_args().folder)
