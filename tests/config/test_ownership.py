"""What decides whom to believe is refused where another user may write it."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from signer.config import load, ownership
from signer.config.ownership import ROOT
from tests.config.refusal import refused
from tests.policy.releasing import folder_of_2

NOBODY = 65534


def instance_in(tmp_path: Path) -> Path:
    folder = tmp_path / "instance"
    (folder / "keys").mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    (folder / "signer.toml").write_text('school_name = "Hill School"\n', "utf-8")
    (folder / "signer.toml").chmod(0o600)
    return folder


def test_an_instance_that_is_named_has_settings_of_its_own(tmp_path: Path) -> None:
    """Its file is read, and the environment wins; an option wins over both."""
    folder = instance_in(tmp_path)
    named = {"SIGNER_INSTANCE": str(folder)}
    assert load(named).school_name == "Hill School"
    assert load(named | {"SIGNER_SCHOOL_NAME": "Dale"}).school_name == "Dale"
    elsewhere = {"SIGNER_INSTANCE": str(tmp_path / "elsewhere")}
    found = load(elsewhere, instance=folder)
    assert (found.instance, found.school_name) == (folder, "Hill School")


def test_a_file_that_is_named_is_read_alone(tmp_path: Path) -> None:
    """The instance's own file has no say beside it, and paths count from its place."""
    folder = instance_in(tmp_path)
    path = tmp_path / "etc" / "signer.toml"
    path.parent.mkdir()
    path.write_text('trust_file = "ca.pem"\n', "utf-8")
    for found in (
        load({"SIGNER_INSTANCE": str(folder), "SIGNER_CONFIG": str(path)}),
        load({"SIGNER_INSTANCE": str(folder), "SIGNER_CONFIG": "/no"}, config=path),
    ):
        assert found.school_name == "My Online Schooling"
        assert found.trust_file == path.parent / "ca.pem"


def test_nothing_is_taken_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its settings nor its instance; what needs one asks for its name."""
    instance_in(tmp_path)
    (tmp_path / "signer.toml").write_text('school_name = "Stranger"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    found = load({})
    assert (found.instance, found.school_name) == (None, "My Online Schooling")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SIGNER_CONFIG", "signer.toml"),
        ("SIGNER_INSTANCE", "instance"),
        ("SIGNER_INSTANCE", "."),
        ("SIGNER_TRUST_FILE", "ca.pem"),
        ("SIGNER_TSA_TRUST_FILE", "../tsa.pem"),
        ("SIGNER_DATABASE_URL", "sqlite:///signer.sqlite3"),
    ],
)
def test_a_short_path_in_the_environment_is_refused(key: str, value: str) -> None:
    """It would be another file in every folder."""
    error = refused(**{key: value})
    assert error.key == key
    assert "whole path" in error.problem


@pytest.mark.parametrize(
    "name", ["", "keys", "signer.toml", "keys/ca.pem", "keys/ca.crl", "signer.sqlite3"]
)
@pytest.mark.parametrize("mode", [0o777, 0o702])
def test_an_instance_that_everybody_may_write_is_refused(
    tmp_path: Path, name: str, mode: int
) -> None:
    """The folder, the one of the keys, and what decides or is believed alike."""
    folder = instance_in(tmp_path)
    if name.endswith(("pem", "crl", "sqlite3")):
        (folder / name).touch()
    (folder / name).chmod(mode)
    error = refused(SIGNER_INSTANCE=str(folder))
    assert error.key in {"SIGNER_INSTANCE", "SIGNER_CONFIG"}
    assert "other users may write" in error.problem
    assert str(folder / name) in error.problem


@pytest.mark.parametrize("key", ["SIGNER_CONFIG", "SIGNER_TRUST_FILE"])
def test_a_file_that_everybody_may_write_is_refused(tmp_path: Path, key: str) -> None:
    """A link to it does not hide that."""
    path = tmp_path / "file"
    path.touch(mode=0o600)
    link = tmp_path / "link"
    link.symlink_to(path)
    load({key: str(link)})
    path.chmod(0o666)
    assert refused(**{key: str(link)}).key == key


@pytest.mark.parametrize(
    ("mode", "refuses"), [(0o777, True), (0o757, True), (0o1777, False), (0o755, False)]
)
@pytest.mark.parametrize("linked", [True, False])
def test_a_folder_above_that_everybody_may_write_is_refused(
    tmp_path: Path, mode: int, *, refuses: bool, linked: bool
) -> None:
    """What lies in it could be exchanged, or a link to it, but where it is sticky."""
    above = tmp_path / "shared"
    folder = above / "school"
    folder.mkdir(parents=True)
    (instance_in(tmp_path) if linked else instance_in(folder)).chmod(0o700)
    if linked:
        (folder / "instance").symlink_to(tmp_path / "instance")
    above.chmod(mode)
    named = {"SIGNER_INSTANCE": str(folder / "instance")}
    if refuses:
        problem = refused(**named).problem
        assert f"lies in {above}, which other users may write" in problem
        demo = {"SIGNER_DEMO": "1", "SIGNER_BASE_URL": "http://127.0.0.1:8000"}
        assert load(named | demo).demo
        settings = folder / "instance" / "signer.toml"
        settings.write_text("demo = true\n", "utf-8")
        assert "lies in" in refused(**named).problem
    else:
        load(named)


@pytest.mark.parametrize("name", ["", "2.md"])
def test_released_versions_that_everybody_may_write_are_refused(
    tmp_path: Path, name: str
) -> None:
    """The folder, and each file in it."""
    folder = folder_of_2(tmp_path / "versions")
    named = {"SIGNER_VERSIONS_DIR": str(folder)}
    load(named)
    (folder / name).chmod(0o777)
    error = refused(**named)
    assert error.key == "SIGNER_VERSIONS_DIR"
    assert "other users may write" in error.problem


def test_what_belongs_to_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner is named, so that the command can be run as that user."""
    folder = instance_in(tmp_path)
    if os.geteuid() == ROOT:
        os.chown(folder, NOBODY, NOBODY)
    else:
        # Only root gives files away; to whoever else, the owner is the other user.
        another = folder.stat().st_uid + 1
        monkeypatch.setattr(os, "geteuid", lambda: another)
    owner = pwd.getpwuid(folder.stat().st_uid).pw_name
    error = refused(SIGNER_INSTANCE=str(folder))
    assert f"run the command as {owner}" in error.problem


@pytest.mark.parametrize(
    ("name", "members", "everybody", "counts"),
    [
        (None, [], [], False),
        (None, ["colleague"], [], True),
        (None, [], [("colleague", 4711)], True),
        (None, ["root"], [("root", 0)], False),
        ("everybody", [], [], True),
    ],
    ids=["nobody", "a member", "whose own group it is", "root", "of a directory"],
)
def test_a_group_counts_where_somebody_else_is_in_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str | None,
    members: list[str],
    everybody: list[tuple[str, int]],
    *,
    counts: bool,
) -> None:
    """Users often have a group of their own, which is as good as themselves.

    A directory such as LDAP lists nobody: another name tells that it is shared.
    """
    folder = instance_in(tmp_path)
    folder.chmod(0o770)
    gid = folder.stat().st_gid
    users = [SimpleNamespace(pw_name=n, pw_uid=u, pw_gid=gid) for n, u in everybody]
    group = SimpleNamespace(
        gr_name=name or pwd.getpwuid(os.geteuid()).pw_name, gr_mem=members
    )
    monkeypatch.setattr(grp, "getgrgid", lambda _: group)
    monkeypatch.setattr(ownership, "FIRST_OF_PEOPLE", 0)
    monkeypatch.setattr(pwd, "getpwall", lambda: users)
    named = {"SIGNER_INSTANCE": str(folder)}
    if counts:
        assert "other users" in refused(**named).problem
    else:
        load(named)
