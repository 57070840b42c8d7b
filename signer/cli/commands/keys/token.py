"""signer keys certify: the certificate of a key that is in a token or an HSM."""

from __future__ import annotations

from pathlib import Path

import click

from signer import clock
from signer.cli.commands.keys.upkeep import ca_options, load_authority
from signer.cli.output import json_option, print_json
from signer.cli.param_types import crl_url_option
from signer.cli.settings import read_settings
from signer.config import Settings
from signer.errors import SettingsError
from signer.pki.certificates import PublicKey, fingerprint
from signer.pki.expiry import certificates_of
from signer.pki.make_keys import SEAL_KEY
from signer.pki.rotation import certify
from signer.pki.token import public_key_in
from signer.workflows.keys.seal_key import pin_of

CERTIFIED = """\
What to do now:

1. Run “signer doctor”: it has the token sign.
2. Restart the service and the worker.
3. Take the authority's key away again.
Every declaration sealed before stays good: the authority is the same.
"""


@click.command("certify")
@json_option
@ca_options
@crl_url_option
def certify_token(
    *,
    as_json: bool,
    ca_key: Path | None,
    ca_passphrase_file: Path | None,
    crl_url: str | None,
) -> None:
    """Make the certificate of a seal's key that is in a token; the old one is kept."""
    settings = read_settings()
    key = public_key(settings)
    in_file = settings.seal_path.with_name(SEAL_KEY)
    held = certificates_of(in_file, settings.passphrase()) if in_file.exists() else ()
    seal = certify(
        settings.seal_path,
        key,
        load_authority(settings, ca_key, ca_passphrase_file),
        former=held[:1],
        school=settings.school_name,
        at=clock.now(),
        crl_url=crl_url or settings.crl_url,
    )
    if as_json:
        print_json(
            {
                "seal_certificate": str(settings.seal_path),
                "seal_sha256": fingerprint(seal),
                "seal_ends": clock.iso(seal.not_valid_after_utc),
            }
        )
        return
    click.echo(f"{settings.seal_path}\n  SHA-256 {fingerprint(seal)}")
    click.echo(f"  valid until {seal.not_valid_after_utc:%d %B %Y}\n")
    click.echo(CERTIFIED, nl=False)
    if in_file.exists():
        click.echo(f"Nothing seals with {in_file} any more: delete it.")


def public_key(settings: Settings) -> PublicKey:
    """The public half of the seal's key in the token that the settings name.

    Raises:
        SettingsError: they name none.
        KeyUnusable: it cannot be reached.
    """
    if settings.seal_token is None:
        raise SettingsError(
            "SIGNER_SEAL_TOKEN",
            "is missing: name the token and the key pair in it",
        )
    return public_key_in(settings.seal_token, pin_of(settings))
