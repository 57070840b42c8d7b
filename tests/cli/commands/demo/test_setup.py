"""The demo is furnished with a key for the log, whenever its folder was made."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click
import pytest
from sqlalchemy import select

from signer.cli.commands.demo.setup import demo_settings, furnish, offer_settings
from signer.cli.commands.demo.staff import desk_link
from signer.store.desk.roles import DeskRole
from signer.store.tables import Parent
from signer.workflows.context import open_context
from signer.workflows.desk.accounts import list_accounts
from signer.workflows.desk.sign_in import look_up_sign_in
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path


def test_an_older_instance_gets_a_key_for_the_log(tmp_path: Path) -> None:
    """Keys from before the log was signed stay, and one is added."""
    settings = demo_settings(8000, tmp_path / "instance", REPOSITORY)
    furnish(settings)
    keys = settings.seal_path.parent
    first = settings.log_key_path.read_bytes()
    before = {one.name: one.read_bytes() for one in keys.iterdir()}
    settings.log_key_path.unlink()
    furnish(settings)
    app_context = open_context(settings)
    assert sign_checkpoint(app_context, whole=True) is not None
    after = {one.name: one.read_bytes() for one in keys.iterdir()}
    assert after.pop("log.p12") != before.pop("log.p12") == first
    assert after == before
    furnish(settings)
    assert settings.log_key_path.read_bytes() != first


def test_staff_can_sign_in_as_each_role(tmp_path: Path) -> None:
    """The link that the demo prints is the headteacher's, at each start."""
    settings = demo_settings(8000, tmp_path / "instance", REPOSITORY)
    furnish(settings)
    with closing((app_context := open_context(settings)).sessions):
        assert {one.role for one in list_accounts(app_context)} == set(DeskRole)
        for _ in range(2):
            token = desk_link(settings).rpartition("/")[2]
            look_up_sign_in(app_context, token)


def test_a_register_that_was_changed_stays(tmp_path: Path) -> None:
    """Its people may have been corrected since, and are not those of the example."""
    settings = demo_settings(8000, tmp_path / "instance", REPOSITORY)
    furnish(settings)
    with closing(open_context(settings).sessions) as sessions:
        with sessions.writing() as session:
            parent = session.scalars(
                select(Parent).where(Parent.name == "Grace Okafor")
            ).one()
            parent.name, parent.email = "G. Okafor", "grace@new.example"
            parent.name_key, parent.email_key = "g. okafor", parent.email
        furnish(settings)
        with sessions.reading() as session:
            names = session.scalars(select(Parent.name)).all()
    assert ("G. Okafor" in names, "Grace Okafor" in names) == (True, False)


def test_the_settings_of_a_school_are_not_overwritten(tmp_path: Path) -> None:
    """Those that an earlier demo left are."""
    settings = demo_settings(8000, tmp_path / "instance", REPOSITORY)
    offer_settings(settings)
    offer_settings(settings)
    kept = 'base_url = "https://policy.school.example"\n'
    (settings.instance_path / "signer.toml").write_text(kept, "utf-8")
    with pytest.raises(click.ClickException, match="is not a demo's"):
        offer_settings(settings)
    assert (settings.instance_path / "signer.toml").read_text("utf-8") == kept
