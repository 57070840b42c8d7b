"""signer demo: everything on one machine, with example people."""

from __future__ import annotations

import importlib.resources
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email import message_from_bytes, policy
from pathlib import Path
from typing import NoReturn

import click

from signer import clock
from signer.config import Settings, environment
from signer.declaration.keys import make_keys
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.workflows.ask_parents import ask_parents
from signer.workflows.house import open_house
from signer.workflows.import_register import import_register

PATIENCE = 60.0
"""How long the processes may take to start, in seconds."""

Process = subprocess.Popen[bytes]


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--instance",
    default="instance",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the database, the keys and the mail are kept.",
)
def demo(port: int, instance: Path) -> None:
    """Everything on this machine with example people: what `make run` starts.

    Settings in the environment are left aside, so that no real parent is asked.
    """
    _check_port(port)
    settings = _settings(port, instance.absolute())
    click.echo("Building the site …")
    _build_site(settings)
    _furnish(settings)
    processes = {
        "service": _start(settings, "service", "serve", "--bind", f"127.0.0.1:{port}"),
        "worker": _start(settings, "worker", "worker"),
    }
    try:
        _wait_until_served(settings, processes)
        _tell(settings)
        _watch(settings, processes)
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait()


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} is taken by another program. Choose another one: "
                f"signer demo --port {port + 1}"
            ) from error


def _settings(port: int, instance: Path) -> Settings:
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Settings(
        instance=instance,
        base_url=f"http://127.0.0.1:{port}",
        secret_keys=(_secret(instance / "secret"),),
        seal_passphrase=_secret(instance / "passphrase"),
        site_dir=instance / "site",
        versions_dir=Path("versions").absolute(),
        demo=True,
    )


def _secret(path: Path) -> str:
    """A secret kept in a file of its own, made at first start."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def _build_site(settings: Settings) -> None:
    if not Path("mkdocs.yml").exists():
        raise click.ClickException(
            "There is no mkdocs.yml here. Start the demo in the project's folder."
        )
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    built = subprocess.run(  # noqa: S603 - our own interpreter, our own arguments
        [*command, "--site-dir", str(settings.site_dir)],
        env=_environment(settings),
        check=False,
    )
    if built.returncode:
        raise click.ClickException("The site could not be built; the reason is above.")


def _environment(settings: Settings) -> dict[str, str]:
    # mkdocs-material announces its successor at each build: no news to a newcomer.
    return {**os.environ, **environment(settings), "NO_MKDOCS_2_WARNING": "1"}


def _furnish(settings: Settings) -> None:
    """Keys, tables, example people and their requests: what is missing of them."""
    keys = settings.instance / "keys"
    if not settings.seal_path.exists():
        make_keys(
            keys,
            school=settings.school_name,
            passphrase=settings.passphrase(),
            at=clock.now(),
        )
    schema.upgrade(connect(settings.database).engine)
    house = open_house(settings)
    example = importlib.resources.files("signer.register") / "example.csv"
    import_register(house, read_register(example.read_bytes()))
    ask_parents(house)
    house.sessions.close()


def _start(settings: Settings, name: str, *arguments: str) -> Process:
    """A process of ours, whose log goes to a file of its own."""
    with _log_of(settings, name).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "signer", *arguments],
            env=_environment(settings),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _log_of(settings: Settings, name: str) -> Path:
    return settings.instance / f"{name}.log"


def _wait_until_served(settings: Settings, processes: dict[str, Process]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        _check_alive(settings, processes)
        try:
            with urllib.request.urlopen(f"{settings.base_url}/readyz", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise click.ClickException(f"The service did not answer within {PATIENCE:.0f} s.")


def _tell(settings: Settings) -> None:
    address = settings.base_url
    link = _a_link(settings)
    click.echo(f"ready {address}/")
    click.echo(f"""
  Read the policy     {address}/
  See the mail        {address}/demo/
  Sign as a parent    {link or "(no mail with a link has gone out)"}
  Logs                {settings.instance}
  Stop                Ctrl-C
""")


def _a_link(settings: Settings) -> str | None:
    """One parent's link, from the mail that went out."""
    mail = settings.instance / "mail"
    until = time.monotonic() + 10
    while time.monotonic() < until:
        for path in sorted(mail.glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            found = body and re.search(
                re.escape(settings.base_url) + r"/s/\S+", body.get_content()
            )
            if found:
                return found[0]
        time.sleep(0.2)
    return None


def _check_alive(settings: Settings, processes: dict[str, Process]) -> None:
    for name, process in processes.items():
        if process.poll() is not None:
            log = _log_of(settings, name)
            click.echo(log.read_text(encoding="utf-8", errors="replace"), err=True)
            raise click.ClickException(
                f"The {name} stopped. Its log is above, and in {log}."
            )


def _watch(settings: Settings, processes: dict[str, Process]) -> NoReturn:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            _check_alive(settings, processes)
            time.sleep(0.5)
    except KeyboardInterrupt:
        sys.exit(0)
