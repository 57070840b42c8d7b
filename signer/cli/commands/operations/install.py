"""signer install: the units that make systemd run the service."""

from __future__ import annotations

import importlib.resources
import sys
from pathlib import Path
from string import Template

import click

from signer import files
from signer.cli.settings import read_settings
from signer.errors.database import EXIT_DATABASE_REPLACED
from signer.workflows.backup.encryption import read_recipients

SERVICES = ("signer-serve.service", "signer-worker.service", "signer-backup.service")
UNITS = (*SERVICES, "signer-backup.timer")
DAYS_KEPT = 30
"""For how many days the units keep a backup."""

_FOLDERS = click.Path(path_type=Path)


@click.command()
@click.option(
    "--systemd",
    is_flag=True,
    required=True,
    help="Write units for systemd, the one supervisor there are units for.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write them into, which may be /etc/systemd/system; without "
    "it they are printed.",
)
@click.option(
    "--user", default="signer", show_default=True, help="The user that they run as."
)
@click.option(
    "--settings-file",
    default="/etc/signer/settings",
    show_default=True,
    type=_FOLDERS,
    help="The file with the SIGNER_ variables.",
)
@click.option(
    "--backups",
    default="/var/backups/signer",
    show_default=True,
    type=_FOLDERS,
    help=f"The folder for a backup each night; those older than {DAYS_KEPT} days go.",
)
@click.option(
    "--recipient",
    "keys",
    metavar="KEY",
    multiple=True,
    help="Encrypt the backups to this public key, age1… or ssh-…. Can be repeated.",
)
@click.option(
    "--plain-backups",
    is_flag=True,
    help="Do not encrypt the backups: anyone who gets one can read it.",
)
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="HOST:PORT")
def install(  # noqa: PLR0913 - one for each option
    *,
    systemd: bool,
    output: Path | None,
    user: str,
    settings_file: Path,
    backups: Path,
    keys: tuple[str, ...],
    plain_backups: bool,
    bind: str,
) -> None:
    """Write the units that make systemd run service, worker and backups.

    They run this program, in the current folder, with the instance that the settings
    name. Nothing is started and no user is created.
    """
    del systemd
    if plain_backups == bool(keys):
        raise click.UsageError(
            "A backup has every name, address and declaration. Name the public key "
            "that it is encrypted to (--recipient KEY), or say --plain-backups."
        )
    for path in (settings_file, backups):
        if not path.is_absolute():
            raise click.BadParameter(f"{path} must be an absolute path")
    values = {
        "folder": str(Path.cwd()),
        "signer": str(Path(sys.prefix) / "bin" / "signer"),
        "instance": str(read_settings().instance_path.absolute()),
        "user": user,
        "settings": str(settings_file),
        "backups": str(backups),
        "bind": bind,
        "ending": ".backup.age" if keys else ".backup",
        "days": str(DAYS_KEPT),
        "replaced": str(EXIT_DATABASE_REPLACED),
    }
    for value in values.values():
        if any(character in value for character in " \"'\\%$\n"):
            raise click.ClickException(
                f"systemd would not read {value!r} as it is written. Use names "
                "without spaces, quotes, backslashes, % and $."
            )
    values["recipients"] = _recipients(keys)
    for name in UNITS:
        text = unit(name, values)
        if output is None:
            click.echo(f"# {name}\n{text}")
        else:
            files.replace(output / name, text.encode())
    if output is not None:
        click.echo(f"Wrote {', '.join(UNITS)}.")


def _recipients(keys: tuple[str, ...]) -> str:
    """Return the options that name the keys, for the shell that a unit starts.

    Raises:
        RecipientRefused: one is no public key.
    """
    # An SSH key may end with a comment, which may hold anything.
    short = [" ".join(key.split()[:2]) for key in keys]
    read_recipients(short)
    return "".join(f' --recipient "{key}"' for key in short)


def unit(name: str, values: dict[str, str]) -> str:
    """Return the text of a unit.

    Args:
        name: its file's name, one of `UNITS`.
        values: what replaces each placeholder.
    """
    folder = importlib.resources.files("signer.cli.commands.operations") / "units"
    restart = "on-failure" if name == "signer-backup.service" else "always"
    common = Template((folder / "common.conf").read_text(encoding="utf-8"))
    whole = Template((folder / name).read_text(encoding="utf-8"))
    return whole.substitute(values, common=common.substitute(values, restart=restart))
