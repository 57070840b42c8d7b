"""signer verify: whether PDFs are genuine declarations."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from signer.cli.output import json_option, print_json, progress
from signer.config import load
from signer.declaration.certificates import read_certificates
from signer.declaration.revocation import read_revocation_lists
from signer.declaration.verification import (
    RECORD,
    Outcome,
    Report,
    Result,
    completed,
    record_check,
)
from signer.declaration.verification import verify as verify_pdf
from signer.policy.versions import read_versions
from signer.workflows.find_record import record_at_hand, recorded_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cryptography.x509 import Certificate, CertificateRevocationList

    from signer.config import Settings
    from signer.store.engine import Sessions

MANY_FILES = 50
"""From so many files on, a bar shows how far it has come."""

_MARKS = {
    Outcome.PASSED: "yes",
    Outcome.FAILED: "NO",
    Outcome.NOT_CHECKED: "not checked",
}

_MEANINGS = {
    Result.GENUINE: (
        "GENUINE. It is unchanged, the school sealed it, and the text inside is the "
        "one that was released."
    ),
    Result.UNKNOWN_SIGNER: (
        "UNKNOWN SIGNER. It is unchanged since it was sealed, but nothing shows that "
        "the school sealed it. Get ca.pem from the school, compare its fingerprint "
        "by telephone, and check again with --trust ca.pem."
    ),
    Result.NOT_GENUINE: (
        "NOT GENUINE. Do not rely on it. Ask the school for its own copy."
    ),
    Result.SEALED_TEXT: (
        "NOT A DECLARATION. It is the text of the code of conduct, unchanged, as the "
        "school released it and sealed it. Nobody has signed it."
    ),
    Result.CANNOT_TELL: (
        "CANNOT TELL. Nothing is proved either way. See what was not checked, or ask "
        "for the original file, not a print or a scan."
    ),
}


@click.command()
@click.argument(
    "files",
    metavar="FILE…",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@json_option
@click.option(
    "--trust",
    metavar="CERT",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The school's certificate, ca.pem. [default: that of the settings]",
)
@click.option(
    "--tsa-trust",
    metavar="CERT",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The timestamp authority's certificate. [default: that of the settings]",
)
@click.option(
    "--crl",
    metavar="LIST",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The authority's newest revocation list. [default: that of the settings]",
)
@click.option(
    "--versions",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of released versions. [default: that of the settings]",
)
@click.pass_context
def verify(  # noqa: PLR0913 - each option is an argument
    ctx: click.Context,
    files: tuple[Path, ...],
    *,
    as_json: bool,
    trust: Path | None,
    tsa_trust: Path | None,
    crl: Path | None,
    versions: Path | None,
) -> None:
    """Check declarations: unchanged, sealed by whom, over which text.

    Where the database of the settings is at hand, each file is compared with the one
    that it keeps.

    The exit code is 0 only when every file is genuine.
    """
    settings = load()
    known = _known(settings, trust, tsa_trust, crl, versions)
    with record_at_hand(settings.database) as record:
        reports = list(_reports(files, known, record))
    genuine = all(report.genuine for _, report in reports)
    if as_json:
        print_json(
            {
                "genuine": genuine,
                "files": [
                    {"file": str(path), **report.as_json()} for path, report in reports
                ],
            }
        )
    else:
        for path, report in reports:
            _show(path, report)
    ctx.exit(0 if genuine else 1)


class _Known(TypedDict):
    """Whom to trust, what was revoked and what was released."""

    trust_roots: Sequence[Certificate]
    tsa_roots: Sequence[Certificate]
    revocation_lists: Sequence[CertificateRevocationList]
    released: Mapping[int, bytes]


def _known(
    settings: Settings,
    trust: Path | None,
    tsa_trust: Path | None,
    crl: Path | None,
    versions: Path | None,
) -> _Known:
    """What is at hand; what nobody named may be missing."""
    roots = trust or _if_there(settings.trust_path)
    stamps = tsa_trust or settings.tsa_trust_file
    lists = crl or _if_there(settings.crl_path)
    folder = versions or _if_there(settings.versions_dir)
    released = read_versions(folder) if folder else ()
    return {
        "trust_roots": read_certificates(roots) if roots else (),
        "tsa_roots": read_certificates(stamps) if stamps else (),
        "revocation_lists": read_revocation_lists(lists) if lists else (),
        "released": {one.number: one.source for one in released},
    }


def _if_there(path: Path) -> Path | None:
    return path if path.exists() else None


def _reports(
    files: Sequence[Path], known: _Known, record: Sessions | None
) -> Iterator[tuple[Path, Report]]:
    many = len(files) >= MANY_FILES
    with progress("Checking") if many else nullcontext(_silent) as done:
        for count, path in enumerate(files):
            done(count, len(files))
            yield path, _with_record(verify_pdf(path.read_bytes(), **known), record)


def _with_record(report: Report, record: Sessions | None) -> Report:
    """With what the record keeps of that declaration."""
    if record is None or report.statement is None:
        return completed(report, {})
    kept = recorded_sha256(record, report.statement.declaration_id)
    return completed(report, {RECORD: partial(record_check, report.sha256, kept)})


def _silent(_done: int, _all: int) -> None:
    """Too few files for a bar."""


def _show(path: Path, report: Report) -> None:
    click.echo(click.format_filename(path))
    for check in report.checks:
        mark = _MARKS[check.outcome]
        click.echo(f"  {check.number:>2}. {check.name:<11} {mark:<12} {check.sentence}")
    click.echo(f"  {_MEANINGS[report.result]}")
    click.echo(f"  SHA-256 of the file: {report.sha256}")
    click.echo()
