"""signer parent: a new link for one parent, and what is kept of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from signer import files
from signer.cli.context import opened_context
from signer.cli.output import (
    NO_EMAIL,
    as_document,
    json_option,
    named,
    print_json,
    print_table,
)
from signer.cli.param_types import name_option
from signer.cli.prompts import shown_first
from signer.cli.references import CommandAboutParent
from signer.register.addresses import fault_of
from signer.workflows.register.erase import Erased, erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.register.identity import Corrected, correct_parent
from signer.workflows.register.merge_parents import Merged, merge_parents
from signer.workflows.register.search import search_parents
from signer.workflows.requests.reissue_link import reissue_links


@click.group()
def parent() -> None:
    """One parent: find, correct or erase them, send a new link, export their data."""


@parent.command(cls=CommandAboutParent)
@click.argument("words", nargs=-1, required=True)
@json_option
def find(words: tuple[str, ...], *, as_json: bool) -> None:
    """Find parents, including those who have left.

    By name, by child, by an address that they have or had, or by the reference of a
    request or declaration. Spelling, accents and order make no difference.
    """
    with opened_context() as context:
        people = search_parents(context, " ".join(words))
    if as_json:
        print_json(as_document(people))
        return
    if not people:
        raise click.ClickException(
            "No one in the register matches that, past or present."
        )
    print_table(
        ["Name", "Address", "Children", "Before", "Requests"],
        (
            (
                one.name if one.active else f"{one.name} (left)",
                one.email or NO_EMAIL,
                ", ".join(one.classes),
                ", ".join(named(*before) for before in one.before),
                ", ".join(one.requests),
            )
            for one in people
        ),
    )


def _address(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> str | None:
    if value and (fault := fault_of(value.strip())):
        raise click.BadParameter(f"{fault}.")
    return value


@parent.command(cls=CommandAboutParent)
@click.argument("who")
@click.option("--known-as", default="", help="Which parent, if two share the address.")
@click.option("--name", default="", help="The right name.")
@click.option("--email", default="", callback=_address, help="The right address.")
@click.option("--no-email", is_flag=True, help="They no longer have an address.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--yes", is_flag=True, help="Correct it without a question.")
@json_option
def correct(  # noqa: PLR0913 - one for each option
    who: str,
    *,
    known_as: str,
    name: str,
    email: str,
    no_email: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Correct a parent's name or address. They stay the same person.

    WHO is an address in the register, the name of a parent without one, or the
    reference of a request or declaration.
    Everything signed and asked stays theirs; the old name and address are kept.
    """
    if not (name or email or no_email):
        raise click.UsageError("Give --name, --email or both, or --no-email.")
    if email and no_email:
        raise click.UsageError("Choose one of --email and --no-email.")
    with opened_context() as context:
        do = partial(
            correct_parent,
            context,
            who,
            known_as=known_as,
            name=name,
            email=email,
            no_email=no_email,
        )
        corrected = shown_first(
            do,
            _tell_corrected,
            "Correct it?",
            refusal="Nothing was changed.",
            dry_run=dry_run,
            yes=yes,
        )
    if as_json:
        print_json(as_document(corrected))
    else:
        _tell_corrected(corrected)


def _tell_corrected(corrected: Corrected, *, err: bool = False) -> None:
    before, after = named(*corrected.before), named(*corrected.after)
    click.echo(
        f"Before: {before}\n"
        f"After:  {after}\n"
        f"Links to the old address that stop working: {corrected.links_ended}\n"
        f"Open requests mailed to the new address: {corrected.mailed_again}",
        err=err,
    )
    if corrected.on_hold:
        click.echo(
            f"Mail to {corrected.before[1]} stays on hold: it is the address of "
            f"{', '.join(corrected.on_hold)} too. Check it with the family by "
            "telephone.",
            err=err,
        )


@parent.command(cls=CommandAboutParent)
@click.argument("who")
@click.argument("other")
@click.option(
    "--known-as", default="", help="The name of WHO, if two share the address."
)
@click.option(
    "--other-known-as",
    default="",
    help="The name of OTHER, if two share the address.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--yes", is_flag=True, help="Merge them without a question.")
@json_option
def merge(  # noqa: PLR0913 - one for each option
    who: str,
    other: str,
    *,
    known_as: str,
    other_known_as: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Make one parent of two records of the same person.

    WHO keeps name and address; OTHER becomes a part of their history. Each is an
    address in the register, or the reference of a request or declaration. This cannot
    be undone.
    """
    with opened_context() as context:
        merged = shown_first(
            partial(
                merge_parents,
                context,
                who,
                other,
                known_as=known_as,
                other_known_as=other_known_as,
            ),
            _tell_merged,
            "Are they one person? Nothing parts them again.",
            refusal="Nothing was changed.",
            dry_run=dry_run,
            yes=yes,
        )
    if as_json:
        print_json(as_document(merged))
    elif dry_run or yes:
        _tell_merged(merged)
    else:
        click.echo("They are one parent now.")


def _tell_merged(merged: Merged, *, err: bool = False) -> None:
    kept, gone = named(*merged.kept), named(*merged.gone)
    lines = [f"Stays: {kept}", f"Becomes a part of it: {gone}"]
    if merged.returns:
        lines.append("They had left, and are in the register again.")
    if len(merged.identifiers) > 1:
        lines.append(
            "Their numbers in the school's system differ: {} is kept, and {} is "
            "not.".format(*merged.identifiers)
        )
    if merged.children:
        lines.append(f"Children they get: {', '.join(merged.children)}")
    lines += [f"Version {number}: {status}" for number, status in merged.requests]
    lines.append(f"Links that stop working: {merged.links_ended}")
    if merged.kept[1]:
        lines.append(f"Open requests mailed to {merged.kept[1]}: {merged.mailed_again}")
    click.echo("\n".join(lines), err=err)


@parent.command("new-link")
@click.argument("email")
def new_link(email: str) -> None:
    """Send a parent a new link, and stop their earlier links from working.

    For a link that someone else has. Two parents who share the address both get one.
    """
    with opened_context() as context:
        reissued = reissue_links(context, email)
    one = reissued.links == 1
    if reissued.held:
        links = "A new link waits" if one else f"{reissued.links} new links wait"
        click.echo(
            "On hold: someone with a link to this address said that they are not the "
            f"parent. {links} until that is settled. Those of before show nothing."
        )
        click.echo("Check the name and the address with the family by telephone.")
        click.echo(f"If they are right: signer disputes settle {email}")
        click.echo(
            f"If they are wrong: signer parent correct {email} --email RIGHT-ADDRESS"
        )
        return
    links = "A new link goes" if one else f"{reissued.links} new links go"
    click.echo(f"{links} out within a minute. Then those of before end.")


@parent.command()
@click.argument("email")
@name_option
@click.option(
    "--out",
    default="parent.zip",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, which must not exist yet.",
)
def export(email: str, name: str, out: Path) -> None:
    """Write everything kept about a parent to one ZIP file, for them."""
    with opened_context() as context:
        content = export_parent(context, email, name=name)
    files.create(out, content, private=True)
    click.echo(f"{out}: everything kept about this parent. Give it to no one else.")


@parent.command()
@click.argument("email")
@name_option
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--yes", is_flag=True, help="Erase without a question.")
@json_option
def erase(email: str, name: str, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Erase a parent who has left, with everything they signed. It cannot be undone.

    The public log does not change. Lists the copies that it cannot erase.
    """
    with opened_context() as context:
        erased = shown_first(
            partial(erase_parent, context, email, name=name),
            _tell,
            "Erase all of it, for ever?",
            refusal="Nothing was erased.",
            dry_run=dry_run,
            yes=yes,
        )
    if as_json:
        print_json(as_document(erased))
    else:
        _tell(erased)


def _tell(erased: Erased, *, err: bool = False) -> None:
    declarations = ", ".join(erased.declarations) or "none"
    click.echo(
        f"{'To be erased' if erased.dry_run else 'Erased'}: {erased.name}\n"
        f"  Requests: {erased.requests}\n"
        f"  Declarations, with their PDFs: {declarations}\n"
        f"  Entries of the log that no one can open any more: {len(erased.entries)}\n"
        "This does not reach:\n"
        + "\n".join(f"  - {copies}" for copies in erased.out_of_reach),
        err=err,
    )
