"""signer keys show, rotate, crl: what there is, the next seal, what is revoked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from signer import clock
from signer.cli.commands.keys.log import described
from signer.cli.output import json_option, print_json, print_table
from signer.cli.param_types import crl_url_option
from signer.cli.settings import read_settings
from signer.config import Settings
from signer.errors import SettingsError
from signer.pki.certificates import KeyKind, fingerprint, read_certificates
from signer.pki.expiry import (
    Item,
    Role,
    certificates_of,
    of_certificate,
    of_lists,
    of_pem,
)
from signer.pki.make_keys import AUTHORITY_KEY
from signer.pki.rotation import FORMER, AuthorityKey, publish_list, rotate

ROTATED = """\
What to do now:

1. Restart the service and the worker: they hold the former key until then.
2. Back up {seal_key}.
3. Take the authority's key away again.
Every declaration sealed before stays good: the authority is the same.
"""


key_kind_option = click.option(
    "--key-type",
    "kind",
    type=click.Choice(KeyKind, case_sensitive=False),
    help="The kind of key. [default: rsa (3072 bits), or that of the key it replaces]",
)


def ca_options(command: Callable[..., None]) -> Callable[..., None]:
    """Where the authority's key is, and what opens it."""
    for option in (
        click.option(
            "--ca-passphrase-file",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file with the authority key's passphrase. [default: the seal's]",
        ),
        click.option(
            "--ca-key",
            metavar="FILE",
            type=click.Path(dir_okay=False, path_type=Path),
            help="The authority's key. [default: ca.key.p12 beside the seal's file]",
        ),
    ):
        command = option(command)
    return command


@click.command()
@json_option
def show(*, as_json: bool) -> None:
    """Show each key, certificate and list: its fingerprint and when it expires."""
    settings = read_settings()
    items = _items(settings)
    log = described(settings)
    if as_json:
        print_json({"items": [*map(_as_json, items), log.document]})
        return
    print_table(
        ("What", "Name", "Ends", "Days left", "File"),
        [
            *(
                (one.role, one.name, f"{one.ends:%d %B %Y}", one.days_left, one.path)
                for one in items
            ),
            (Role.LOG, log.origin, "", "", log.path),
        ],
    )
    click.echo()
    for one in items:
        if one.sha256:
            click.echo(f"{one.role}, {one.name}\n  SHA-256 {one.sha256}")
    if log.verifier is not None:
        click.echo(f"{Role.LOG}, {log.origin}\n  public key {log.verifier}")
    else:
        click.echo(f"WARNING: {log.problem}", err=True)
    for one in items:
        if one.soon:
            click.echo(
                f"WARNING: {one.role} “{one.name}” ends on {one.ends:%d %B %Y}, "
                f"{one.days_left} days from now. {_REMEDIES[one.role]}",
                err=True,
            )


@click.command("rotate")
@json_option
@ca_options
@crl_url_option
@key_kind_option
def rotate_seal(
    *,
    as_json: bool,
    ca_key: Path | None,
    ca_passphrase_file: Path | None,
    crl_url: str | None,
    kind: KeyKind | None,
) -> None:
    """Replace the seal's key with a new one; the old one is kept."""
    settings = read_settings()
    if settings.seal_token:
        raise SettingsError(
            "SIGNER_SEAL_TOKEN",
            "says that the seal's key is in a token: make the next one there, name it, "
            "and run “signer keys certify”",
        )
    done = rotate(
        settings.seal_path,
        load_authority(settings, ca_key, ca_passphrase_file),
        school=settings.school_name,
        passphrase=settings.passphrase(),
        at=clock.now(),
        crl_url=crl_url or settings.crl_url,
        kind=kind,
    )
    if as_json:
        print_json(
            {
                "seal_key": str(done.seal_key),
                "seal_sha256": fingerprint(done.seal),
                "seal_ends": clock.iso(done.seal.not_valid_after_utc),
                "former": str(done.former),
                "former_sha256": fingerprint(done.before),
            }
        )
        return
    click.echo(f"{done.seal_key}\n  SHA-256 {fingerprint(done.seal)}")
    click.echo(f"  valid until {done.seal.not_valid_after_utc:%d %B %Y}")
    click.echo(f"{done.former}\n  the former key, SHA-256 {fingerprint(done.before)}\n")
    click.echo(ROTATED.format(seal_key=done.seal_key.name), nl=False)


@click.command()
@json_option
@ca_options
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it. [default: that of the settings, ca.crl]",
)
@click.option(
    "--revoke",
    metavar="CERT",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A certificate (PEM) that must not be relied on from now on.",
)
def crl(
    *,
    as_json: bool,
    ca_key: Path | None,
    ca_passphrase_file: Path | None,
    out: Path | None,
    revoke: tuple[Path, ...],
) -> None:
    """Sign a new revocation list, with everything that was revoked before."""
    settings = read_settings()
    path = out or settings.crl_path
    made = publish_list(
        path,
        load_authority(settings, ca_key, ca_passphrase_file),
        at=clock.now(),
        revoke=[one for file in revoke for one in read_certificates(file)],
    )
    ends = made.next_update_utc or made.last_update_utc
    if as_json:
        print_json({"file": str(path), "revoked": len(made), "ends": clock.iso(ends)})
    else:
        click.echo(f"{path}\n  {len(made)} revoked; valid until {ends:%d %B %Y}")


def load_authority(
    settings: Settings, path: Path | None, passphrase_file: Path | None
) -> AuthorityKey:
    """The authority's key, by the options that name it."""
    passphrase = passphrase_from(passphrase_file)
    if passphrase is None:
        passphrase = settings.passphrase()
    path = path or settings.seal_path.with_name(AUTHORITY_KEY)
    return AuthorityKey.load(path, passphrase, at=clock.now())


def passphrase_from(path: Path | None) -> str | None:
    """The passphrase in a file; None where none is named.

    Raises:
        SettingsError: the file cannot be read, or is empty.
    """
    if path is None:
        return None
    try:
        passphrase = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("--ca-passphrase-file", "cannot be read") from error
    if not passphrase:
        raise SettingsError("--ca-passphrase-file", "holds no passphrase")
    return passphrase


_REMEDIES = {
    Role.AUTHORITY: "Make new keys; the old certificate stays good for old seals.",
    Role.SEAL: "Replace it with “signer keys rotate”, or buy the next one.",
    Role.REVOCATION: "Make the next one with “signer keys crl”, and publish it.",
    Role.TIMESTAMPS: "Get the next certificate from the timestamp authority.",
    Role.FORMER: "",
}


def _items(settings: Settings) -> list[Item]:
    now = clock.now()
    seal = settings.seal_path
    items: list[Item] = []
    if settings.trust_path.exists():
        items += of_pem(Role.AUTHORITY, settings.trust_path, now)
    own = certificates_of(seal, settings.passphrase())[0]
    items.append(of_certificate(Role.SEAL, seal, own, now))
    for path in sorted((seal.parent / FORMER).glob("*.pem")):
        items += of_pem(Role.FORMER, path, now)
    if settings.crl_path.exists():
        items += of_lists(settings.crl_path, now)
    if settings.tsa_trust_file is not None:
        items += of_pem(Role.TIMESTAMPS, settings.tsa_trust_file, now)
    return items


def _as_json(item: Item) -> dict[str, Any]:
    return {
        **asdict(item),
        "begins": clock.iso(item.begins),
        "ends": clock.iso(item.ends),
        "warning": item.soon,
    }
