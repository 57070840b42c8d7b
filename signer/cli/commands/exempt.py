"""signer exempt: parents who need not sign."""

from __future__ import annotations

from functools import partial

import click

from signer import clock
from signer.cli.context import opened_context
from signer.cli.output import (
    as_document,
    json_option,
    named,
    print_json,
    print_table,
)
from signer.cli.param_types import by_option, dry_run_option, name_option, yes_option
from signer.cli.prompts import shown_first
from signer.cli.references import CommandAboutParent
from signer.workflows.exemption.exempt import (
    Exempted,
    end_exemption,
    exempt_parent,
    list_exemptions,
)


@click.group()
def exempt() -> None:
    """Parents who need not sign, and why."""


@exempt.command(cls=CommandAboutParent)
@click.argument("who")
@name_option
@click.option("--reason", required=True, help="Why they need not sign; this is kept.")
@by_option("Who says so")
@dry_run_option
@yes_option
@json_option
def add(  # noqa: PLR0913 - one for each option
    who: str,
    *,
    name: str,
    reason: str,
    by: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Record that a parent need not sign, until you end that.

    They are not asked or reminded, and are counted separately.
    """
    with opened_context() as context:
        do = partial(exempt_parent, context, who, by=by, reason=reason, name=name)
        exempted = shown_first(
            do,
            partial(_tell, verb="To be noted"),
            "Note it?",
            refusal="Nothing was changed.",
            dry_run=dry_run,
            yes=yes,
        )
    if as_json:
        print_json(as_document(exempted))
    else:
        _tell(exempted, "To be noted" if dry_run else "Noted")


@exempt.command(cls=CommandAboutParent)
@click.argument("who")
@name_option
@click.option("--reason", required=True, help="Why they have to sign; this is kept.")
@by_option("Who says so")
@dry_run_option
@yes_option
@json_option
def end(  # noqa: PLR0913 - one for each option
    who: str,
    *,
    name: str,
    reason: str,
    by: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Record that a parent has to sign again. The earlier record is kept."""
    with opened_context() as context:
        do = partial(end_exemption, context, who, by=by, reason=reason, name=name)
        ended = shown_first(
            do,
            partial(_tell, verb="To be ended"),
            "End it?",
            refusal="Nothing was changed.",
            dry_run=dry_run,
            yes=yes,
        )
    if as_json:
        print_json(as_document(ended))
    else:
        _tell(ended, "To be ended" if dry_run else "Ended")


@exempt.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show who need not sign, then those who have to sign again."""
    with opened_context() as context:
        exempted = list_exemptions(context)
    if as_json:
        print_json(as_document(exempted))
        return
    if not exempted:
        click.echo("Every parent in the register has to sign.")
        return
    print_table(
        ["Parent", "Reason", "By", "Since", "Ended"],
        (
            (
                named(one.name, one.email),
                one.reason,
                one.made_by,
                clock.in_school_time(one.made_at),
                _ended(one),
            )
            for one in exempted
        ),
    )


def _ended(exempted: Exempted) -> str:
    if exempted.ended_at is None:
        return ""
    at = clock.in_school_time(exempted.ended_at)
    return f"{at} by {exempted.ended_by}: {exempted.ended_reason}"


def _tell(exempted: Exempted, verb: str, *, err: bool = False) -> None:
    lines = [
        f"{verb}: {named(exempted.name, exempted.email)} need not sign",
        f"  Reason: {exempted.reason}",
        f"  By:     {exempted.made_by}, {clock.in_school_time(exempted.made_at)}",
    ]
    version = exempted.outstanding
    if exempted.ended_at is not None:
        lines.append(f"  Ended:  {_ended(exempted)}")
        lines.append(
            f"They have been asked to sign version {version}, and reminders continue."
            if version
            else "They are asked with the next `signer ask`, if they have yet to sign."
        )
    elif version:
        lines.append(
            f"Their request for version {version} stays open, in case they sign all "
            "the same. No reminders go out."
        )
    click.echo("\n".join(lines), err=err)
