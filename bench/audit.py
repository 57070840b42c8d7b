"""How long the audit of a bundle takes, and how much memory: 1,000 and 10,000 PDFs.

    .venv/bin/python -m bench.audit [--keep FOLDER] [DECLARATIONS …]

Typesetting and sealing so many takes minutes, which is not what is measured: with
--keep the bundles stay in a folder, and the next run begins with them. Each size is
checked in a process of its own. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert

from bench.table.figures import Figure
from signer import clock
from signer.audit.check import check_bundle
from signer.config import Settings
from signer.declaration.pdf.declaration_pdf import (
    TEMPLATE_VERSION,
    typeset,
    typst_version,
)
from signer.declaration.seal.seal import seal
from signer.declaration.statement import (
    Child,
    Statement,
    new_declaration_id,
    statement_sha256,
    to_json,
)
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.pki.make_keys import SealKey, make_keys
from signer.policy.versions import in_force, read_versions
from signer.store import schema
from signer.store.columns import SignedHow, Status
from signer.store.engine import connect
from signer.store.log.append import append_leaf
from signer.store.tables import Declaration, Parent, PinnedVersion, Request, SealedPdf
from signer.workflows.audit.bundle import export_audit
from signer.workflows.context import open_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signer.declaration.seal.seal import Sealed
    from signer.workflows.context import AppContext

ROOT = Path(__file__).parent.parent
SMALL, LARGE = 1_000, 10_000
LIMIT_SECONDS = 240.0
"""What the large bundle may take on two cores."""

MOST_GROWTH = 1.6
"""How much more memory ten times the declarations may hold at their peak: what is
kept of each is a few lines of the index and the log, never its PDF."""

PIECE = 50
PASSPHRASE = "of the benchmark"  # noqa: S105 - locks nothing but these keys
MEBIBYTE = 1024  # Linux counts kibibytes


def main() -> None:
    """Measure each size in a process of its own; fail where the goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", metavar="DECLARATIONS", type=int, nargs="*")
    parser.add_argument("--keep", metavar="FOLDER", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = asked.keep or Path(folder)
        results = [_measured(kept, size) for size in asked.sizes or [SMALL, LARGE]]
    goal = all(one["seconds"] < LIMIT_SECONDS for one in results)
    peaks = [one["peak_mib"] for one in results]
    goal &= max(peaks) < MOST_GROWTH * min(peaks)
    print(json.dumps({"audits": results, "goals_kept": goal}, indent=2))
    sys.exit(0 if goal else 1)


def figures(*, full: bool = False) -> list[Figure]:
    """The check of bundles, whose PDFs are made first."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = (SMALL // 4, SMALL, LARGE)[: 2 + full]
        found = [_measured(Path(folder), size) for size in sizes]
    took, held = (
        tuple((int(one["declarations"]), one[what]) for one in found)
        for what in ("processor_seconds", "peak_mib")
    )
    many = f"{sizes[-1]:,} declarations"
    seconds = found[-1]["seconds"]
    return [
        Figure(f"Check of a bundle of {many}", seconds, "s", LIMIT_SECONDS),
        Figure(
            f"Processors for a bundle of {many}",
            took[-1][1],
            "s",
            sizes=took,
            of="the declarations",
        ),
        Figure(
            f"Memory for a bundle of {many}",
            held[-1][1],
            "MiB",
            sizes=held,
            of="the declarations",
        ),
    ]


def _measured(kept: Path, size: int) -> dict[str, float]:
    bundle = kept / f"{size}" / "audit.zip"
    export = {} if bundle.exists() else _made(bundle, size)
    command = [sys.executable, "-m", "bench.audit", "--check", str(bundle)]
    done = subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return {"declarations": size, **export, **json.loads(done.stdout)}


def check(bundle: Path) -> None:
    """Check a bundle and print what it took."""
    started = time.perf_counter()
    found = check_bundle(bundle)
    seconds = time.perf_counter() - started
    if not found.whole:
        sys.exit(f"{found.gaps} gaps: {found.findings[:3]}")
    own, others = (
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    result = {
        "seconds": round(seconds, 1),
        "processor_seconds": round(
            own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime, 1
        ),
        "declarations_per_second": round(found.counts.genuine / seconds),
        "peak_mib": round(_peak(), 1),
        "peak_of_examiners_mib": round(others.ru_maxrss / MEBIBYTE, 1),
    }
    print(json.dumps(result))


def _peak() -> float:
    """The most memory that this process held, in MiB; rusage counts its parent in."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / MEBIBYTE


def _made(bundle: Path, size: int) -> dict[str, float]:
    """Make a school with so many declarations, and export it."""
    folder = bundle.parent
    make_keys(
        folder / "keys",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=clock.now(),
        extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
    )
    settings = Settings(
        instance=folder,
        secret_keys=("a secret of the benchmark, of no use anywhere else",),
        versions_dir=ROOT / "versions",
        seal_passphrase=PASSPHRASE,
    )
    schema.upgrade(connect(settings.database).engine)
    app_context = open_context(settings)
    _pin(app_context)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=spawn) as pool:
        for start in range(0, size, PIECE):
            numbers = range(start + 1, min(start + PIECE, size) + 1)
            made = list(pool.map(_sealed, [folder] * len(numbers), numbers))
            _store(app_context, numbers, made)
            print(f"{numbers[-1]} of {size} made", file=sys.stderr, end="\r")
    started = time.perf_counter()
    export_audit(app_context, bundle)
    return {"export_seconds": round(time.perf_counter() - started, 1)}


@lru_cache(maxsize=1)
def _key(folder: Path) -> SealKey:
    return SealKey.load(folder / "keys" / "seal.p12", PASSPHRASE)


@lru_cache(maxsize=1)
def _version() -> tuple[object, ...]:
    version = in_force(read_versions(ROOT / "versions"))
    return version, blocks(to_html(version.body))


def _sealed(folder: Path, number: int) -> tuple[bytes, Sealed]:
    version, rendered = _version()
    now = clock.now()
    raw = to_json(
        Statement(
            declaration_id=new_declaration_id(),
            school="My Online Schooling",
            policy_title=version.title,
            policy_version=version.number,
            policy_label=version.label,
            policy_sha256=version.sha256,
            policy_address=f"https://policies.example{version.path}",
            parent_name=f"Parent {number}",
            parent_email=f"parent{number}@example.org",
            typed_name=f"Parent {number}",
            capacity="Parent",
            children=(Child(name=f"Child {number}", year_group="Year 7"),),
            statements=version.declaration,
            invited_at=now,
            opened_at=now,
            confirmed_at=now,
            reached_by="emailed link",
            replaces=None,
            template=TEMPLATE_VERSION,
            typst=typst_version(),
        )
    )
    pdf = typeset(raw, rendered, version.source, version.filename)
    return raw, seal(pdf, _key(folder), at=now)


def _pin(app_context: AppContext) -> None:
    version = in_force(app_context.versions)
    with app_context.sessions.writing() as session:
        session.add(
            PinnedVersion(
                number=version.number,
                sha256=version.sha256,
                title=version.title,
                label=version.label,
                pinned_at=clock.now(),
            )
        )
        append_leaf(
            session, "version:pinned", version=version.number, sha256=version.sha256
        )


def _store(
    app_context: AppContext,
    numbers: Sequence[int],
    made: Sequence[tuple[bytes, Sealed]],
) -> None:
    version, now = in_force(app_context.versions), clock.now()
    with app_context.sessions.writing() as session:
        for number, (raw, sealed) in zip(numbers, made, strict=True):
            one = json.loads(raw)["declaration_id"]
            name = f"parent{number}@example.org"
            parent = {"id": number, "name": f"Parent {number}", "name_key": name}
            session.execute(
                insert(Parent).values(
                    **parent, email=name, email_key=name, added_at=now
                )
            )
            session.execute(
                insert(Request).values(
                    id=number,
                    ref=f"request-{number}",
                    parent_id=number,
                    version_number=version.number,
                    version_sha256=version.sha256,
                    status=Status.SIGNED,
                    signed_how=SignedHow.LINK,
                    asked_at=now,
                    closed_at=now,
                )
            )
            session.execute(
                insert(SealedPdf).values(sha256=sealed.sha256, kept=sealed.pdf)
            )
            append_leaf(
                session,
                "declaration:signed",
                declaration=one,
                statement_sha256=statement_sha256(raw),
                version_sha256=version.sha256,
            )
            position = append_leaf(
                session,
                "declaration:sealed",
                declaration=one,
                pdf_sha256=sealed.sha256,
            )
            session.execute(
                insert(Declaration).values(
                    id=one,
                    request_id=number,
                    statement=raw,
                    statement_sha256=statement_sha256(raw),
                    signed_at=now,
                    pdf_sha256=sealed.sha256,
                    sealed_at=now,
                    level=sealed.level,
                    sealed_position=position,
                )
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(Path(sys.argv[2]))
    else:
        main()
