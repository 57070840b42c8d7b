"""What an import did, or would do, in words and as a document."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import datetime

import click

from signer import clock, register
from signer.cli.output import named
from signer.i18n import counted
from signer.register.matching import Question
from signer.workflows.register.import_result import Imported


def document(result: Imported, *, dry_run: bool) -> dict[str, object]:
    """The outcome for programs."""
    return {
        "added": _people(result.added),
        "returned": _people(result.returned),
        "corrected": [
            {
                "name": one.name,
                "email": one.email,
                "before": dict(zip(("name", "email"), one.before, strict=True)),
                "why": one.why,
            }
            for one in result.corrected
        ],
        "changed": _people(result.changed),
        "missing": _people(result.missing),
        "address_missing": _people(result.address_missing),
        "children_missing": [
            {"parent": parent, "child": child}
            for parent, child in result.children_missing
        ],
        "questions": [
            {
                "code": question.code,
                "in_the_register": _side(question.known.person),
                "in_the_file": _side(question.person),
                "why": question.why,
            }
            for question in result.questions
        ],
        "on_hold": _people(result.on_hold),
        "twice": [
            {"name": name, "email": email, "now": now}
            for name, email, now in result.twice
        ],
        "unchanged": result.unchanged,
        "left": result.left,
        "dry_run": dry_run,
    }


def tell(result: Imported, *, dry_run: bool, leavers: bool) -> None:
    """Say who is new, corrected or changed and who is not in the file, and how many."""
    for kind, people in (
        ("New", result.added),
        ("Back", result.returned),
        ("Changed", result.changed),
    ):
        for name, email in people:
            click.echo(f"{kind}: {named(name, email)}")
    for one in result.corrected:
        moved = one.before[1] != one.email
        before = named(*one.before) if moved else one.before[0]
        click.echo(
            f"Corrected: {named(one.name, one.email)}, before {before}: {one.why}"
        )
    for name, email in result.address_missing:
        click.echo(
            f"No address in the file: {named(name, email)}. The register's stays; to "
            "take it away: signer parent correct "
            f"{shlex.quote(email)} --known-as {shlex.quote(name)} --no-email"
        )
    tell_missing(result)
    would = "would be " if dry_run else ""
    click.echo(
        f"{len(result.added)} {would}added, {len(result.corrected)} {would}corrected, "
        f"{len(result.changed) + len(result.returned)} {would}changed, "
        f"{result.unchanged} unchanged, {result.leaving} not in the file."
    )
    if result.left:
        click.echo("Those not in the file have left; what they signed is kept.")
    elif result.leaving and leavers:
        click.echo("They would leave; what they signed would be kept.")
    elif result.leaving:
        click.echo("They stay in the register until you import with --leavers.")
    for name, email, now in result.twice:
        click.echo(
            f"In the file twice: {name} <{email}> is {now}, who is not asked again. "
            "Correct the file at its source."
        )
    for name, email in result.on_hold:
        click.echo(
            f"Mail stays on hold: {name} <{email}>. Someone said that it reaches the "
            "wrong person there. Check the address with the family by telephone."
        )


def tell_missing(result: Imported, *, err: bool = False) -> None:
    """Name whom the file does not: parents, and children of parents that it names."""
    for name, email in result.missing:
        click.echo(f"Not in the file: {named(name, email)}", err=err)
    for parent, child in result.children_missing:
        click.echo(f"Not in the file: {child}, child of {parent}", err=err)


def tell_question(question: Question) -> None:
    """Show both sides of a question, what speaks for it, and its code."""
    click.echo(
        f"Is this one person? {question.code}\n"
        f"  In the register: {_words(question.known.person)}\n"
        f"  In the file:     {_words(question.person)}\n"
        f"  Because {question.why}.",
        err=True,
    )


def waiting_sentence(
    count: int, *, by_itself: bool, planned: datetime | None = None
) -> str:
    """Say how many parents wait to be asked, and what is to be done about it.

    Args:
        count: how many.
        by_itself: whether the worker asks them.
        planned: from when, where that is planned.
    """
    wait = counted(count, "parent is waiting", "parents are waiting")
    if planned is not None:
        moment = clock.in_school_time(planned)
        return f"{wait} to be asked to sign: the mail goes out from {moment}."
    if by_itself:
        return f"{wait} to be asked to sign; the worker asks within a minute or two."
    return f"{wait} to be asked to sign. Ask with `signer ask`."


def _people(people: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "email": email} for name, email in people]


def _side(person: register.people.Parent) -> dict[str, object]:
    return {
        "name": person.name,
        "email": person.email,
        "children": [
            {"name": child.name, "year_group": child.year_group, "relationship": words}
            for child, words in person.children
        ],
    }


def _words(person: register.people.Parent) -> str:
    children = ", ".join(
        f"{words} of {child.name} ({child.year_group})"
        for child, words in person.children
    )
    return f"{named(person.name, person.email)}, {children or 'no children'}"
