"""signer log: the public log's signed head, its proofs, its check, its reopening."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from signer import files
from signer.audit.bundled.follow import ContradictionError, Key, UnknownError
from signer.audit.bundled.follow import follow as visit
from signer.cli.context import opened_context
from signer.cli.log_key_files import read_held_checkpoint
from signer.cli.output import as_document, json_option, print_json
from signer.i18n import counted
from signer.ledger.checkpoints import REOPENED
from signer.workflows.log.check import HeldAnswer, LogReport, check_log
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.mirror import mirror_log
from signer.workflows.log.reopen import reopen_log
from signer.workflows.log.sign_checkpoint import accept_lost_file, sign_checkpoint

_AFTER_CHECK = """\
Nothing more is signed until this is solved. “The public log” in the operator's
guide says what to do."""

_AFTER_BESIDE = """\
The log itself is what it was, and is still signed. The records beside it are not:
“The public log” in the operator's guide says what to do."""

_AFTER_HELD = """\
Nobody has told the service, which still signs. Stop the worker: “Restoring an
older backup” in the operator's guide says what to do."""

_existing = click.Path(exists=True, dir_okay=False, path_type=Path)
_file = click.Path(dir_okay=False, path_type=Path)


@click.group()
def log() -> None:
    """The public log, with an entry for each declaration."""


@log.command()
@json_option
@click.option("--out", metavar="FILE", type=_file, help="Where to write it.")
@click.option(
    "--without-file",
    is_flag=True,
    help="Sign although the file that keeps the newest checkpoint was lost.",
)
def checkpoint(*, as_json: bool, out: Path | None, without_file: bool) -> None:
    """Check the whole log, sign its head, and print that."""
    with opened_context() as context:
        if without_file:
            accept_lost_file(context)
        note = sign_checkpoint(context, whole=True, must_keep=True)
    if note is None:
        raise click.ClickException("The log is empty: there is nothing to sign yet.")
    if out is not None:
        files.replace(out, note.encode())
    if as_json:
        origin, size, root, *_ = note.split("\n")
        document = {"origin": origin, "size": int(size), "root": root}
        print_json({**document, "checkpoint": note})
    elif out is None:
        click.echo(note, nl=False)
    else:
        click.echo(out)


@log.command()
@click.argument("declaration_id", metavar="DECLARATION")
@click.option("--out", metavar="FILE", type=_file, help="Where to write it.")
def prove(declaration_id: str, out: Path | None) -> None:
    """Prove that a declaration, by its reference, is in the log."""
    with opened_context() as context, context.sessions.reading() as session:
        proof = proof_of_declaration(context, session, declaration_id)
    if proof is None:
        raise click.ClickException(
            f"There is no proof of {declaration_id}. Either no declaration has this "
            "reference, or it has no seal yet, or its record was erased, or no "
            "checkpoint covers it yet: make one with “signer log checkpoint”."
        )
    if out is None:
        click.echo(str(proof), nl=False)
    else:
        files.replace(out, str(proof).encode())
        click.echo(out)


@log.command()
@json_option
@click.option(
    "--held",
    metavar="FILE",
    multiple=True,
    type=_existing,
    help="A checkpoint or proof that someone has kept, to compare the log with.",
)
def check(*, as_json: bool, held: tuple[Path, ...]) -> None:
    """Check every entry and checkpoint, and list everything that is wrong."""
    notes = [(str(path), read_held_checkpoint(path)) for path in held]
    with opened_context() as context:
        report = check_log(context, notes)
    if as_json:
        print_json({"whole": report.is_whole, **as_document(report)})
    else:
        _show(report)
    if not report.is_whole:
        raise click.exceptions.Exit(1)


@log.command()
@click.argument("url")
@click.option("--key", required=True, metavar="FILE", help="Its key: log.vkey.")
@click.option(
    "--state",
    required=True,
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the newest head is kept, for the next visit; one log in each.",
)
@click.option(
    "--proof",
    "proofs",
    metavar="FILE",
    multiple=True,
    type=_existing,
    help="A proof that somebody holds: is its entry still in the log?",
)
def follow(url: str, key: str, state: Path, proofs: tuple[Path, ...]) -> None:
    """Visit a public log: is it the one that was there, and only longer?

    Ends with 1 where it was rewritten, forked or rolled back, and with 2 where nothing
    could be found out. The same program for strangers is at /log/follow.py.
    """
    try:
        told = visit(url, Key.read(key), state, proofs)
    except ContradictionError as error:
        click.echo(f"NO: {error}")
        click.echo(f"The signed head that was served is in {state}.", err=True)
        raise click.exceptions.Exit(1) from error
    except (UnknownError, OSError) as error:
        click.echo(f"NOT KNOWN: {error}", err=True)
        raise click.exceptions.Exit(2) from error
    click.echo("\n".join(told))


@log.command()
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER"
)
def mirror(folder: Path) -> None:
    """Write the log as files for any web server, as far as it is signed."""
    with opened_context() as context:
        mirrored = mirror_log(context, folder)
    if mirrored is None:
        raise click.ClickException("No head of the log was signed yet.")
    click.echo(f"{folder}: {mirrored.origin}")
    click.echo(f"  entries: {mirrored.size}")
    click.echo(f"  files written: {mirrored.written}")


@log.command()
@click.option("--reason", required=True, metavar="TEXT", help="Why, for later readers.")
@click.option(
    "--after",
    required=True,
    metavar="FILE",
    type=_existing,
    help="The newest checkpoint that anyone has.",
)
def reopen(reason: str, after: Path) -> None:
    """Continue under a new name after entries were lost; every checkpoint says so."""
    with opened_context() as context:
        note = reopen_log(context, reason, read_held_checkpoint(after))
    lines = note.split("\n")
    cited = next(one for one in lines if one.startswith(REOPENED))
    entries = counted(int(lines[1]), "entry", "entries")
    click.echo(f"The log continues as {lines[0]}, with {entries}.")
    click.echo(f"From now on, every checkpoint says: {cited}")
    click.echo("Tell your witnesses and your auditors, and say why.")


def _show(report: LogReport) -> None:
    click.echo(f"{report.origin}\n  {counted(report.size, 'entry', 'entries')}")
    if report.root is not None:
        click.echo(f"  root {report.root}")
    if report.signed_size is not None:
        click.echo(f"  signed up to {counted(report.signed_size, 'entry', 'entries')}")
    click.echo(f"  {counted(report.checkpoints, 'checkpoint')} in the database")
    if report.reopened:
        click.echo(f"  reopened {counted(report.reopened, 'time')}")
    _show_held(report.held)
    for problem in report.problems:
        click.echo(f"NO: {problem}")
    if report.key_problem is not None:
        click.echo(f"WARNING: the key file {report.key_problem}.", err=True)
    if report.is_whole:
        click.echo("Every entry is what it was.")
    elif report.beside_the_log:
        click.echo(_AFTER_BESIDE, err=True)
    elif report.problems:
        click.echo(_AFTER_CHECK, err=True)
    elif any(one.size is not None and one.problem for one in report.held):
        click.echo(_AFTER_HELD, err=True)


def _show_held(held: Sequence[HeldAnswer]) -> None:
    for one in held:
        if one.problem is not None:
            click.echo(f"NO: {one.where}: {one.problem}")
        elif one.before_reopening:
            entries = counted(one.size or 0, "entry", "entries")
            kept = (
                f"The log still begins with its {entries}."
                if one.begins
                else f"Of its {entries}, some were lost or changed then."
            )
            click.echo(f"--: {one.where} is from before the log was reopened. {kept}")
        else:
            entries = counted(one.size or 0, "entry", "entries")
            click.echo(f"ok: the log begins with the {entries} of {one.where}")
