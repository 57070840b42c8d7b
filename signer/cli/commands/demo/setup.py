"""What the demo is furnished with: settings, secrets, site, keys, people."""

from __future__ import annotations

import fcntl
import importlib.resources
import json
import os
import re
import secrets
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import click

from signer import clock, files
from signer.cli.commands.demo.staff import add_staff
from signer.cli.commands.demo.story import live_through
from signer.cli.context import waking_context
from signer.config import CONFIG_FILE, PREFIX, Settings, environment
from signer.config.ownership import check_nobody_else_writes
from signer.errors import SiteNotBuilt
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.pki.make_keys import make_keys
from signer.pki.pkcs12 import write_new_file
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.selection import Selection, State
from signer.workflows.context import AppContext
from signer.workflows.mailing.send import waiting_mail
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.release.site import build_site as build
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link
from signer.workflows.requests.reissue_link import reissue_links

MAIL_TAKES = 10.0
"""How long to wait for the worker to send a mail, in seconds."""


def demo_settings(port: int, instance: Path, project: Path) -> Settings:
    """The settings of the demo.

    Args:
        port: where it is served.
        instance: its folder; its secrets are made there where they are missing.
        project: the folder of the versions and the site's pages.

    Raises:
        SettingsError: another user may write the folder.
    """
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_nobody_else_writes(PREFIX + "INSTANCE", instance)
    return Settings(
        instance=instance,
        base_url=f"http://127.0.0.1:{port}",
        secret_keys=(_secret(instance / "secret"),),
        seal_passphrase=_secret(instance / "passphrase"),
        site_dir=instance / "site",
        versions_dir=project / "versions",
        demo=True,
    )


@contextmanager
def sole_demo(instance: Path) -> Iterator[None]:
    """Hold an instance for as long as a demo runs on it.

    Raises:
        ClickException: another demo runs on it.
    """
    # Not inherited: the processes that a killed demo leaves behind do not hold it.
    descriptor = os.open(instance / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise click.ClickException(
            f"Another demo is running on {instance}. Use that one, or stop it first."
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)


def offer_settings(settings: Settings) -> None:
    """Leave the settings in the instance, for commands that name it.

    Raises:
        ClickException: the settings there are not those of a demo.
    """
    given = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in environment(settings).items()
        if value and key not in {PREFIX + "CONFIG", PREFIX + "INSTANCE"}
    }
    # A string of JSON is one of TOML, as long as nothing in it is escaped in halves.
    lines = (
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in given.items()
    )
    path = settings.instance_path / CONFIG_FILE
    if not _is_a_demos(path):
        raise click.ClickException(
            f"{path} is not a demo's. The demo would put its own settings in its "
            "place: give the demo another folder with --instance."
        )
    files.replace(path, "".join(lines).encode(), private=True)


def _is_a_demos(path: Path) -> bool:
    """Whether a settings file is missing, or was left by a demo."""
    try:
        return "demo" in tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return True
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def _secret(path: Path) -> str:
    """A secret kept in a file of its own, made at first start."""
    if not path.exists():
        files.create(path, secrets.token_urlsafe(48).encode(), private=True)
    return path.read_text(encoding="utf-8")


def build_site(settings: Settings) -> None:
    """Build the site, and put it in place of the one before at one stroke."""
    if not Path("mkdocs.yml").exists():
        raise click.ClickException(
            "There is no mkdocs.yml here. Start the demo in the project's folder."
        )
    try:
        build(settings, strict=True)
    except SiteNotBuilt as error:
        raise click.ClickException(
            f"The site could not be built. {error.problem}"
        ) from error


def variables(settings: Settings) -> dict[str, str]:
    """The environment of the demo's processes."""
    # mkdocs-material announces its successor at each build: no news to a newcomer.
    return {**os.environ, **environment(settings), "NO_MKDOCS_2_WARNING": "1"}


def furnish(settings: Settings) -> None:
    """Make keys, tables, example people, their requests and what some answered.

    What is there from an earlier start stays as it is. Afterwards nothing is held
    open: from then on the demo is what any operator has, a few processes and a shell.
    """
    if not settings.seal_path.exists():
        make_keys(
            settings.instance_path / "keys",
            school=settings.school_name,
            passphrase=settings.passphrase(),
            at=clock.now(),
            crl_url=settings.crl_url,
            extra_files={LOG_KEY: new_log_key(settings.passphrase())},
        )
    if not settings.log_key_path.exists():
        # An instance from before there was a log key gets one.
        write_new_file(settings.log_key_path, new_log_key(settings.passphrase()))
    sessions = connect(settings.database)
    schema.upgrade(sessions.engine)
    sessions.close()
    with waking_context(settings) as context:
        is_new = not list_register(context)
        if is_new:
            for rows in _families():
                import_register(context, read_register(rows))
        ask_parents(context)
        add_staff(context)
        if is_new:
            live_through(context)


def _families() -> Iterator[bytes]:
    """The families that have a story, and those who wait for whoever looks."""
    demo = importlib.resources.files("signer.cli.commands.demo")
    yield (demo / "families.csv").read_bytes()
    yield (importlib.resources.files("signer.register") / "example.csv").read_bytes()


def a_link(settings: Settings) -> str | None:
    """A link from the mail that opens a request; a new one where none does.

    None where everybody has answered, or the mail takes longer than it should.
    """
    with waking_context(settings) as context:
        return _mailed_link(context)


def _mailed_link(context: AppContext) -> str | None:
    link = _open_link(context)
    if link is None:
        outstanding = Selection(states=frozenset({State.OUTSTANDING}))
        somebody = next(iter(list_register(context, outstanding)), None)
        if somebody is None:
            return None
        if waiting_mail(context) == 0:
            reissue_links(context, somebody.email)
    until = time.monotonic() + MAIL_TAKES
    while link is None and time.monotonic() < until:
        time.sleep(0.2)
        link = _open_link(context)
    return link


def _open_link(context: AppContext) -> str | None:
    address = re.escape(context.settings.base_url)
    folder = context.settings.instance_path / "mail"
    other = None
    for path in sorted(folder.glob("*.eml"), reverse=True):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        found = body and re.search(rf"{address}/s/(\S+)", body.get_content())
        if found and look_up_link(context, found[1]).state is LinkState.OPEN:
            # The name is to be typed: first one that every keyboard and face has.
            if mail["To"].isascii():
                return found[0]
            other = other or found[0]
    return other
