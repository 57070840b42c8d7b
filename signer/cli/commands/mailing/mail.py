"""signer mail: what was not accepted by the mail server, and trying it again."""

from __future__ import annotations

import click

from signer import clock
from signer.cli.context import opened_context, waking_context
from signer.cli.output import as_document, json_option, print_json, print_table
from signer.i18n import counted
from signer.workflows.mailing.dead_letters import MailState, retry_mail, unsent_mail
from signer.workflows.mailing.server_state import MailTrouble, mail_trouble, resume

_STATES = click.Choice([state.value for state in MailState])


@click.group()
def mail() -> None:
    """Look at mails that were not accepted, and send them again."""


@mail.command("list")
@click.option(
    "--state", type=_STATES, multiple=True, help="Only these. Can be repeated."
)
@json_option
def list_(*, state: tuple[str, ...], as_json: bool) -> None:
    """Show every mail that the mail server has not accepted, and what it said.

    Waiting: it will be tried again automatically. Refused: the server says that there
    is no such recipient. Dead: it was tried for days and given up or, to the office and
    the headteacher, is tried once a day.
    """
    states = tuple(map(MailState, state)) or tuple(MailState)
    with opened_context() as context:
        mails, trouble = unsent_mail(context, states), mail_trouble(context)
    if as_json:
        print_json({"trouble": as_document(trouble), "mails": as_document(mails)})
        return
    if trouble is not None:
        click.echo(trouble_sentence(trouble) + "\n")
    if not mails:
        click.echo("No such mail: every one was accepted by the mail server.")
        return
    print_table(
        ["Number", "Mail", "To", "State", "Since", "Tried", "Next", "Reply"],
        (
            (
                one.number,
                one.kind.replace("_", " "),
                one.recipient,
                one.state,
                clock.in_school_time(one.queued_at),
                one.attempts,
                clock.in_school_time(one.due_at) if one.due_at else "",
                one.reply or "",
            )
            for one in mails
        ),
    )


@mail.command()
@click.argument("numbers", nargs=-1, type=int, metavar="[NUMBER]...")
@click.option(
    "--state", type=_STATES, multiple=True, help="All of these. Can be repeated."
)
@click.option("--all", "every", is_flag=True, help="Every mail that was not accepted.")
@json_option
def retry(
    *, numbers: tuple[int, ...], state: tuple[str, ...], every: bool, as_json: bool
) -> None:
    """Send mails again that were not accepted, by number, by state, or all.

    They are due at once, and are tried for the full time again. Also ends a pause.
    """
    if not numbers and not state and not every:
        raise click.UsageError("Give the numbers of mails, --state or --all.")
    states = tuple(MailState) if every else tuple(map(MailState, state))
    with waking_context() as context:
        again = retry_mail(context, numbers, states)
        resume(context)
    if as_json:
        print_json({"retried": again})
        return
    click.echo(f"{counted(again, 'mail')} will be sent again now.")


@mail.command("resume")
@json_option
def resume_(*, as_json: bool) -> None:
    """End a pause: the worker tries the mail server again at once."""
    with waking_context() as context:
        resumed = resume(context)
        context.wake_worker()
    if as_json:
        print_json({"resumed": resumed})
        return
    click.echo(
        "The pause is over. The mail server is tried now."
        if resumed
        else "There was no pause. Mail is tried as always."
    )


def trouble_sentence(trouble: MailTrouble) -> str:
    """The trouble with sending mail, for the operator."""
    next_try = (
        f" Next try: {clock.in_school_time(trouble.paused_until)}."
        if trouble.paused_until
        else ""
    )
    return (
        f"Trouble with sending mail since {clock.in_school_time(trouble.since)}: "
        f"{trouble.reply}. {trouble.waiting} waiting.{next_try}"
    )
