"""signer demo: everything on one machine, with example people."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NoReturn

import click

from signer.cli.commands.demo.setup import (
    a_link,
    build_site,
    demo_settings,
    furnish,
    offer_settings,
    sole_demo,
    variables,
)
from signer.cli.commands.demo.staff import desk_link
from signer.config import Settings

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

    Ignores settings in the environment, so that no real parent is asked.
    """
    _check_port(port)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        # However it ends, the processes below it end too.
        signal.signal(ending, lambda *_: sys.exit(0))
    settings = demo_settings(port, instance.absolute(), Path().absolute())
    with sole_demo(settings.instance_path):
        _run(settings, port)


def _run(settings: Settings, port: int) -> None:
    offer_settings(settings)
    click.echo(
        f"An example school is set up in {settings.instance_path}: its site, its keys "
        "and its parents.\nThat takes less than a minute. No mail leaves this machine."
    )
    click.echo("Building the site …")
    build_site(settings)
    click.echo("Making the keys, and asking the parents …")
    furnish(settings)
    click.echo("Starting the service and the worker …")
    processes: dict[str, Process] = {}
    try:
        processes["service"] = _start(
            settings, "service", "serve", "--bind", f"127.0.0.1:{port}"
        )
        processes["worker"] = _start(settings, "worker", "worker")
        _wait_until_served(settings, processes)
        _tell(settings)
        _watch(settings, processes)
    except KeyboardInterrupt:
        click.echo()
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


def _start(settings: Settings, name: str, *arguments: str) -> Process:
    """A process of ours, whose log goes to a file of its own."""
    with _log_of(settings, name).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-P", "-m", "signer", *arguments],
            env=variables(settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C at the terminal is for us, who then end them in good order.
            start_new_session=True,
        )


def _log_of(settings: Settings, name: str) -> Path:
    return settings.instance_path / f"{name}.log"


def _wait_until_served(settings: Settings, processes: dict[str, Process]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        _check_alive(settings, processes)
        try:
            with urllib.request.urlopen(f"{settings.base_url}/healthz", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise click.ClickException(f"The service did not answer within {PATIENCE:.0f} s.")


def _tell(settings: Settings) -> None:
    address = settings.base_url
    # Whoever waits for the line finds this process done with the database.
    # The command is in the environment that runs this, which need not be on the path.
    program = shlex.quote(os.path.relpath(Path(sys.executable).with_name("signer")))
    instance = shlex.quote(os.path.relpath(settings.instance_path))
    link = a_link(settings) or "(everybody has answered)"
    click.echo(f"ready {address}/")
    click.echo(f"""
  Read the policy     {address}/
  See the mail        {address}/demo/
  Sign as a parent    {link}
  Sign in as staff    {desk_link(settings)}
  Logs                {settings.instance_path}
  Try commands        {program} --instance {instance} status
  Stop                Ctrl-C
""")


def _check_alive(settings: Settings, processes: dict[str, Process]) -> None:
    for name, process in processes.items():
        if process.poll() is not None:
            log = _log_of(settings, name)
            click.echo(log.read_text(encoding="utf-8", errors="replace"), err=True)
            raise click.ClickException(
                f"The {name} stopped. Its log is above, and in {log}."
            )


def _watch(settings: Settings, processes: dict[str, Process]) -> NoReturn:
    built = _released(settings)
    while True:
        _check_alive(settings, processes)
        if built != (released := _released(settings)):
            # As a host does when the release is pushed to it; it keeps what it has
            # where that cannot be built.
            try:
                build_site(settings)
            except click.ClickException as error:
                error.show()
            built = released
        time.sleep(0.5)


def _released(settings: Settings) -> dict[str, int]:
    """What is released, and when each file was written."""
    files = settings.versions_dir.glob("*.*")
    return {
        path.name: path.stat().st_mtime_ns
        for path in files
        if not path.name.startswith(".")
    }
