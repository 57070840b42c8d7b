"""signer languages: what parents may read the pages in."""

from __future__ import annotations

import click

from signer.cli.output import as_document, json_option, print_json
from signer.cli.settings import read_settings
from signer.i18n import ENGLISH, Translation, read_translations


@click.command()
@json_option
@click.pass_context
def languages(ctx: click.Context, *, as_json: bool) -> None:
    """The languages of the pages, and what is missing from a translation."""
    found = read_translations(read_settings().languages_dir)
    if as_json:
        print_json([_document(one) for one in found])
    else:
        click.echo(f"{ENGLISH.code}  {ENGLISH.name}: complete.")
        for one in found:
            _show(one)
    if not all(one.complete for one in found):
        ctx.exit(1)


def _show(one: Translation) -> None:
    named = f"{one.language.code}  {one.language.name}"
    if one.complete:
        click.echo(f"{named}: complete.")
        return
    click.echo(f"{named}: not offered to parents yet.")
    for heading, sentences in (
        ("Without a translation, or marked as fuzzy", one.missing),
        ("The translation lacks a value or a mark of the English", one.wrong),
    ):
        if sentences:
            click.echo(f"  {heading} ({len(sentences)}):")
            click.echo("".join(f"    {words}\n" for words in sentences), nl=False)


def _document(one: Translation) -> object:
    return {
        "code": one.language.code,
        "name": one.language.name,
        "complete": one.complete,
        "missing": as_document(one.missing),
        "wrong": as_document(one.wrong),
    }
