"""signer audit: all that an auditor needs in one file, and the check of it."""

from __future__ import annotations

from pathlib import Path

import click

from signer.audit.bundle import AUTHORITY, LOG_KEYS
from signer.audit.check import SAMPLE, check_bundle
from signer.audit.findings import Audit, Counts, Severity, Verdict
from signer.audit.trust import Given
from signer.cli.context import opened_context
from signer.cli.log_key_files import read_held, read_log_keys
from signer.cli.output import as_document, json_option, print_json, progress
from signer.cli.witness_policy import read_policy, witness_options
from signer.i18n import counted
from signer.pki.certificates import read_certificates
from signer.pki.revocation import read_revocation_lists
from signer.workflows.audit.bundle import Exported, export_audit

_existing = click.Path(exists=True, dir_okay=False, path_type=Path)

_MARKS = {Severity.GAP: "GAP ", Severity.NOTE: "note"}

_OPTIONS = {AUTHORITY: "--trust ca.pem", LOG_KEYS: "--log-key log.vkey"}
"""How to bring along what the bundle has of its own."""


@click.group()
def audit() -> None:
    """Evidence for people outside: made here, checked anywhere."""


@audit.command()
@click.argument("file", metavar="FILE.zip", type=click.Path(path_type=Path))
@json_option
def export(file: Path, *, as_json: bool) -> None:
    """Write every declaration, with everything that proves it, to one ZIP file.

    It contains names and addresses, as the declarations do: handle it as you would
    those.
    """
    with opened_context() as context, progress("Exporting") as show:
        done = export_audit(context, file, progress=show)
    if done.problem:
        click.echo(
            f"WARNING: the log is not what it was. {done.problem} It was exported as "
            "it is, and “signer audit check” lists what is wrong.",
            err=True,
        )
    if done.waiting:
        why = f": {done.waiting_why}" if done.waiting_why else ""
        click.echo(
            "NOT COMPLETE: "
            + counted(done.waiting, "declaration is", "declarations are")
            + f" waiting for a seal, and not in it{why}. The worker keeps trying; "
            "export again when `signer status` lists none.",
            err=True,
        )
    if as_json:
        print_json({"file": str(file), **as_document(done)})
    else:
        _show_export(file, done)
    if done.waiting:
        raise click.exceptions.Exit(1)


def _show_export(file: Path, done: Exported) -> None:
    click.echo(
        f"{file}\n  {counted(done.declarations, 'declaration')}, "
        f"{counted(done.entries, 'entry', 'entries')} of the log {done.origin}, "
        f"{done.size:,} bytes"
    )
    click.echo(
        f"Check it with “signer audit check {' '.join(_OPTIONS.values())}”, with the "
        "school's keys got by other means, or as the README.txt in it says."
    )


@audit.command()
@click.argument("file", metavar="FILE.zip", type=_existing)
@json_option
@click.option(
    "--trust",
    metavar="CERT",
    type=_existing,
    help="The school's ca.pem, got by other means. [default: the bundle's own]",
)
@click.option(
    "--tsa-trust",
    metavar="CERT",
    type=_existing,
    help="The timestamp authority's certificate. [default: the bundle's own]",
)
@click.option(
    "--crl",
    metavar="LIST",
    type=_existing,
    help="A newer revocation list of the school's authority.",
)
@click.option(
    "--log-key",
    metavar="FILE",
    type=_existing,
    help="The log's key, log.vkey, got by other means. [default: the bundle's own]",
)
@click.option(
    "--held",
    metavar="CHECKPOINT",
    multiple=True,
    type=_existing,
    help="A checkpoint or proof that someone has kept. Can be repeated.",
)
@witness_options
@click.option(
    "--unsigned-list",
    is_flag=True,
    help="You have had the bundle since before December 2026, when none had a signed "
    "list of its files.",
)
@click.option(
    "--deep",
    is_flag=True,
    help=f"Typeset {SAMPLE} declarations again as well, and compare.",
)
@click.pass_context
def check(  # noqa: PLR0913 - each option is an argument
    ctx: click.Context,
    file: Path,
    *,
    as_json: bool,
    trust: Path | None,
    tsa_trust: Path | None,
    crl: Path | None,
    log_key: Path | None,
    held: tuple[Path, ...],
    witness_key: Path | None,
    quorum: int | None,
    unsigned_list: bool,
    deep: bool,
) -> None:
    """Check a whole audit bundle, and list every gap.

    Uses neither the settings nor a network. The exit code is 0 only if there is no gap,
    and --trust and --log-key say whose it is: with the bundle's own keys, it can only
    agree with itself.
    """
    witnesses, needed = read_policy(witness_key, quorum)
    given = Given(
        trust_roots=read_certificates(trust) if trust else (),
        tsa_roots=read_certificates(tsa_trust) if tsa_trust else (),
        revocation_lists=read_revocation_lists(crl) if crl else (),
        log_keys=read_log_keys(log_key) if log_key else (),
        held={click.format_filename(path): read_held(path) for path in held},
        witnesses=witnesses,
        quorum=needed,
        unsigned_list=unsigned_list,
    )
    with progress("Checking") as show:
        found = check_bundle(file, given, deep=deep, progress=show)
    if as_json:
        print_json(found.as_json())
    else:
        _show(found, deep=deep)
    ctx.exit(0 if found.whole else 1)


def _show(found: Audit, *, deep: bool) -> None:
    for one in found.findings:
        click.echo(f"{_MARKS[one.severity]}  {one.where}: {one.sentence}")
    if found.findings:
        click.echo()
    signer_known = AUTHORITY not in {one.where for one in found.own_keys}
    for line in _lines(found.counts, signer_known=signer_known, deep=deep):
        click.echo(line)
    click.echo(f"The log {found.origin or 'has no signed head'}.")
    if found.signed_root:
        click.echo(f"  root {found.signed_root}")
    click.echo()
    match found.verdict:
        case Verdict.WHOLE:
            click.echo("WHOLE. Every check passed, and nothing is missing.")
        case Verdict.UNKNOWN_SIGNER:
            _show_own_keys(found)
        case Verdict.NOT_WHOLE:
            gaps = counted(found.gaps, "gap")
            click.echo(f"NOT WHOLE. {gaps}: see the lines marked GAP.")


def _show_own_keys(found: Audit) -> None:
    options = " ".join(_OPTIONS[one.where] for one in found.own_keys)
    click.echo(
        "SIGNER UNKNOWN TO YOU. The bundle agrees with itself, but keys of its own "
        "were trusted, and anybody can make such a bundle: nothing here shows that the "
        "school did. Have the school read its own to you by telephone, on a number "
        "that you looked up yourself, and compare:"
    )
    for one in found.own_keys:
        for mark in one.marks:
            click.echo(f"  {one.where}  {mark}")
    click.echo(f"Where they are the same, check again with {options}.")


def _lines(counts: Counts, *, signer_known: bool, deep: bool) -> list[str]:
    levels = ", ".join(f"{many} {level}" for level, many in counts.levels.items())
    of_levels = f" ({levels})" if levels else ""
    if signer_known:
        passed = f"{counts.genuine} of {counts.sealed} sealed declarations are genuine"
    else:
        passed = (
            f"{counts.unknown_signer} of {counts.sealed} sealed declarations are "
            "unchanged, by a signer unknown to you"
        )
    lines = [
        f"{passed}{of_levels}; {counts.proofs} are proved to be in the log.",
        (
            f"{counts.signed} signed with a link, {counts.paper} on paper, "
            f"{counts.declined} declined, {counts.withdrawn} withdrawn, "
            f"{counted(counts.parents_erased, 'parent')} erased "
            f"({counted(counts.erased, 'entry', 'entries')})."
        ),
        (
            f"{counted(counts.files, 'file')}, {counted(counts.versions, 'version')}, "
            f"{counted(counts.entries, 'entry', 'entries')} of the log, "
            f"{counted(counts.checkpoints, 'signed head')}."
        ),
    ]
    if counts.archived:
        copies = counted(counts.archived, "archive copy holds", "archive copies hold")
        lines.append(f"{copies} the sealed file, validation data and timestamps alone.")
    if deep:
        again = counted(counts.typeset, "declaration was", "declarations were")
        lines.append(f"{again} typeset again, with the same result.")
    return lines
