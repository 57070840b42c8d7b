"""signer keys: the school's authority, its seal and the log's key, made once."""

from __future__ import annotations

from pathlib import Path

import click

from signer import clock
from signer.cli.commands.keys.log import log_key, verifier_line
from signer.cli.commands.keys.token import certify_token, public_key
from signer.cli.commands.keys.upkeep import (
    crl,
    key_kind_option,
    passphrase_from,
    rotate_seal,
    show,
)
from signer.cli.output import json_option, print_json
from signer.cli.param_types import crl_url_option
from signer.cli.settings import read_settings
from signer.errors import SettingsError
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.pki.certificates import KeyKind, fingerprint
from signer.pki.make_keys import SEAL_KEY, KeyFiles, make_keys

ADVICE = """\
What to do now:

1. Move {authority_key} to a medium that is kept locked away, try to read it
   there, and delete it here. It is needed to make the next seal's key, and once
   a year to sign the list of what is revoked.
2. Back up {seal_key}, {log_key} and their passphrase, in two different places.
   Without them nothing can be sealed, and the public log cannot be signed; what is
   already sealed and signed is still good.
3. Publish {authority_certificate} and {revocation_list}. Give the fingerprint of
   the authority, and the log's public key, to anyone who asks for it by telephone:
   that is how declarations are checked.
4. Put the day on which the seal's certificate ends in the calendar. After it,
   nothing can be sealed with this key.
"""


@click.group()
def keys() -> None:
    """The school's authority, its seal and the log's key."""


for _command in (show, rotate_seal, certify_token, crl, log_key):
    keys.add_command(_command)


@keys.command()
@json_option
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A new folder. [default: keys in the instance folder]",
)
@click.option(
    "--ca-passphrase-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a separate passphrase for the authority's key.",
)
@crl_url_option
@key_kind_option
def init(
    *,
    as_json: bool,
    folder: Path | None,
    ca_passphrase_file: Path | None,
    crl_url: str | None,
    kind: KeyKind | None,
) -> None:
    """Make the school's authority, the key of its seal and the log's key, once."""
    settings = read_settings()
    passphrase = settings.passphrase()
    if not passphrase:
        raise SettingsError(
            "SIGNER_SEAL_PASSPHRASE",
            "is missing: set it, or SIGNER_SEAL_PASSPHRASE_FILE, to the passphrase "
            "that is to lock the keys",
        )
    made = make_keys(
        folder or settings.instance_path / "keys",
        school=settings.school_name,
        passphrase=passphrase,
        authority_passphrase=passphrase_from(ca_passphrase_file),
        crl_url=crl_url or settings.crl_url,
        kind=kind or KeyKind.RSA,
        seal_key=public_key(settings) if settings.seal_token else None,
        at=clock.now(),
        extra_files={LOG_KEY: new_log_key(passphrase)},
    )
    log_file = made.seal_key.with_name(LOG_KEY)
    verifier = verifier_line(settings, log_file)
    if as_json:
        print_json(_as_json(made) | {"log_key": str(log_file), "log_vkey": verifier})
    else:
        _show(made, settings.school_name, log_file, verifier)


def _what(made: KeyFiles) -> str:
    if made.seal_key.name == SEAL_KEY:
        return "the seal's private key and certificate"
    return "the seal's certificate; its key is in the token"


def _as_json(made: KeyFiles) -> dict[str, str]:
    return {
        "authority_key": str(made.authority_key),
        "authority_certificate": str(made.authority_certificate),
        "authority_sha256": fingerprint(made.authority),
        "authority_ends": clock.iso(made.authority.not_valid_after_utc),
        "revocation_list": str(made.revocation_list),
        "seal_key": str(made.seal_key),
        "seal_sha256": fingerprint(made.seal),
        "seal_ends": clock.iso(made.seal.not_valid_after_utc),
    }


def _show(made: KeyFiles, school: str, log_file: Path, verifier: str) -> None:
    click.echo(f"Made for {school}:\n")
    for path, what, certificate in (
        (made.authority_certificate, "the authority's certificate", made.authority),
        (made.authority_key, "the authority's private key", None),
        (made.seal_key, _what(made), made.seal),
    ):
        click.echo(f"{path}\n  {what}")
        if certificate is not None:
            ends = f"{certificate.not_valid_after_utc:%d %B %Y}"
            click.echo(f"  SHA-256 {fingerprint(certificate)}\n  valid until {ends}")
    click.echo(f"{log_file}\n  the public log's private key\n  public key {verifier}")
    click.echo()
    click.echo(
        ADVICE.format(
            authority_key=made.authority_key.name,
            authority_certificate=made.authority_certificate.name,
            seal_key=made.seal_key.name,
            log_key=log_file.name,
            revocation_list=made.revocation_list.name,
        ),
        nl=False,
    )
