"""signer verify: whether PDFs are genuine declarations."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from signer.cli.commands.verify.inputs import Found, Gathering
from signer.cli.commands.verify.output import print_for_people, print_for_programs
from signer.cli.commands.verify.trust import Trust, find_trust, find_versions
from signer.cli.log_key_files import read_log_keys
from signer.cli.output import json_option, progress
from signer.cli.settings import read_settings
from signer.cli.witness_policy import read_policy, witness_options
from signer.config import Settings
from signer.declaration.verify import Report
from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.refused_report import refused
from signer.declaration.verify.sandbox.pool import Examiners, in_order
from signer.errors import CheckFailed
from signer.ledger.signed_notes import NoteVerifier
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.pki.certificates import read_certificates
from signer.pki.revocation import read_revocation_lists
from signer.policy.versions import Version, read_versions
from signer.store.engine import Sessions
from signer.workflows.declarations.lookup import record_at_hand
from signer.workflows.declarations.verify_with_records import Outside
from signer.workflows.log.cosigning.servers import witness_keys
from signer.workflows.log.origins import origins

MANY_FILES = 50
"""From so many files on, a bar shows how far it has come."""

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument(
    "paths",
    metavar="FILE|FOLDER|ZIP…",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, readable=True, path_type=Path),
)
@json_option
@click.option(
    "--trust",
    metavar="CERT",
    type=_file,
    help="The school's certificate, ca.pem. [default: that of the settings, or of an "
    "instance that is named]",
)
@click.option(
    "--tsa-trust",
    metavar="CERT",
    type=_file,
    help="The timestamp authority's certificate. [default: that of the settings]",
)
@click.option(
    "--crl",
    metavar="LIST",
    type=_file,
    help="The authority's newest revocation list. [default: that of the settings]",
)
@click.option(
    "--versions",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of released versions. [default: that of the settings, or this "
    "program's own]",
)
@click.option(
    "--proof",
    metavar="PROOF",
    type=_file,
    help="The proof of one file. [default: the .tlog-proof of its name beside it]",
)
@click.option(
    "--log-key",
    metavar="KEY",
    type=_file,
    help="The keys of the school's log, a line each. [default: those in the record]",
)
@witness_options
@click.option("--deep", is_flag=True, help="Typeset the pages again, and compare.")
@click.pass_context
def verify(  # noqa: PLR0913 - each option is an argument
    ctx: click.Context,
    paths: tuple[Path, ...],
    *,
    as_json: bool,
    trust: Path | None,
    tsa_trust: Path | None,
    crl: Path | None,
    versions: Path | None,
    proof: Path | None,
    log_key: Path | None,
    witness_key: Path | None,
    quorum: int | None,
    deep: bool,
) -> None:
    """Check declarations: unchanged, sealed by whom, over which text.

    Folders and ZIP archives are searched for PDFs. If the database in the settings is
    available, each file is compared with its record and its log.

    The exit code is 0 only when every file is genuine and, with --deep, its pages could
    be compared.
    """
    settings = read_settings()
    folder = find_versions(versions, settings)
    released = read_versions(folder) if folder else ()
    trusted = find_trust(trust, settings)
    known = _known(settings, released, trusted, tsa_trust, crl, deep=deep)
    keys = read_log_keys(log_key) if log_key else ()
    own = witness_keys(settings), settings.witness_quorum
    witnesses, needed = read_policy(witness_key, quorum, own)
    database = settings.database if settings.names_database else None
    with record_at_hand(database) as record, Gathering() as gathering:
        found = gathering.find(paths)
        if proof:
            if len(found) > 1:
                raise click.UsageError("--proof is for one file; give only that file.")
            found = [replace(found[0], proof=proof, proof_member=None)]
        outside = Outside(
            versions=released,
            verifiers=keys or (_keys_of(record) if record else ()),
            record=record,
            witnesses=witnesses,
            quorum=needed,
            tells_fate=True,
        )
        reports = _reports(found, known, outside)
        genuine = (
            print_for_programs(reports, trusted.source)
            if as_json
            else print_for_people(reports, len(found), trusted.source)
        )
    ctx.exit(0 if genuine else 1)


def _known(  # noqa: PLR0913 - what may be named, by name
    settings: Settings,
    released: Sequence[Version],
    trust: Trust,
    tsa_trust: Path | None,
    crl: Path | None,
    *,
    deep: bool,
) -> VerificationInputs:
    """What is at hand; what nobody named may be missing."""
    stamps = tsa_trust or settings.tsa_trust_file
    lists = crl or _list_of(settings)
    rendered = {one.number: blocks(to_html(one.body)) for one in released}
    return VerificationInputs(
        trust_roots=trust.roots,
        tsa_roots=read_certificates(stamps) if stamps else (),
        revocation_lists=read_revocation_lists(lists) if lists else (),
        released={one.number: one.source for one in released},
        rendered=rendered if deep else None,
    )


def _list_of(settings: Settings) -> Path | None:
    """The revocation list of the settings or of the instance, where there is one."""
    if not (settings.crl_file or settings.instance):
        return None
    return settings.crl_path if settings.crl_path.exists() else None


def _keys_of(record: Sessions) -> tuple[NoteVerifier, ...]:
    with record.reading() as session:
        return tuple(NoteVerifier.parse(one.verifier) for one in origins(session))


def _reports(
    found: Sequence[Found], known: VerificationInputs, outside: Outside
) -> Iterator[tuple[str, Report]]:
    """Each file's report, in their order, made on every core."""
    cores = min(os.cpu_count() or 1, len(found))
    many = len(found) >= MANY_FILES
    with (
        progress("Checking") if many else nullcontext(_silent) as done,
        Examiners(known, most=cores) as examiners,
    ):
        tasks = ((one, partial(_examine, examiners, one)) for one in found)
        reports = in_order(tasks, threads=cores)
        for count, (one, report) in enumerate(reports, start=1):
            yield one.name, outside.complete(report, one.read_proof())
            done(count, len(found))


def _examine(examiners: Examiners, found: Found) -> Report:
    try:
        return examiners.verify(found.read())
    except CheckFailed as no:
        return refused(no.sentence, size=found.size)


def _silent(_done: int, _all: int) -> None:
    """Too few files for a bar."""
