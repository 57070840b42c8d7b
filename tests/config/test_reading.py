"""Settings are read once, whole, and each mistake in them is named."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from signer.config import PREFIX, Settings, load
from signer.errors import SettingsError
from signer.school_calendar import Holiday
from tests.config.refusal import refused


def test_nothing_set_gives_the_defaults() -> None:
    """An empty environment and no file: each field as it is documented."""
    assert load({}) == Settings()


def test_the_environment_is_read_by_type() -> None:
    """Words, numbers, yes and no, paths and lists of secrets."""
    found = load(
        {
            "SIGNER_SCHOOL_NAME": " Hill School ",
            "SIGNER_LINK_DAYS": "30",
            "SIGNER_DEMO": "Yes",
            "SIGNER_SITE_DIR": "/srv/site",
            "SIGNER_SECRET_KEYS": "one, two,",
            "SIGNER_REMIND_DAYS": "2, 10",
            "SIGNER_HOLIDAYS": "2026-12-19..2027-01-04, 2027-05-03",
            "HOME": "/root",
        }
    )
    assert found == Settings(
        school_name="Hill School",
        link_days=30,
        demo=True,
        site_dir=Path("/srv/site"),
        secret_keys=("one", "two"),
        remind_days=(2, 10),
        holidays=(
            Holiday(date(2026, 12, 19), date(2027, 1, 4)),
            Holiday(date(2027, 5, 3), date(2027, 5, 3)),
        ),
    )


def test_an_empty_variable_is_as_good_as_none() -> None:
    """A line without a value in a service's file takes nothing away."""
    blank = {PREFIX + one.name.upper(): " " for one in fields(Settings)}
    assert load(blank) == Settings()


def test_a_file_may_hold_settings_and_the_environment_wins(tmp_path: Path) -> None:
    """A file that is named has them in small letters, without the prefix."""
    path = tmp_path / "settings.toml"
    path.write_text(
        'school_name = "Hill School"\n'
        "link_days = 30\n"
        "demo = true\n"
        'secret_keys = ["old", "new"]\n'
        "remind_days = [2, 10]\n",
        encoding="utf-8",
    )
    found = load({"SIGNER_LINK_DAYS": "7", "SIGNER_CONFIG": str(path)})
    assert found == Settings(
        school_name="Hill School",
        link_days=7,
        demo=True,
        secret_keys=("old", "new"),
        remind_days=(2, 10),
    )


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("link_days = 1.5", "SIGNER_LINK_DAYS"),
        ("link_days = [1, 2]", "SIGNER_LINK_DAYS"),
        ("secret_keys = [1.5, 2]", "SIGNER_SECRET_KEYS"),
        ("school_name = {a = 1}", "SIGNER_SCHOOL_NAME"),
        ("[signer]\nlink_days = 1", "SIGNER_SIGNER"),
        ('colour = "red"', "SIGNER_COLOUR"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, written: str, key: str) -> None:
    """The setting is named; a table is no value, and a fraction is none."""
    path = tmp_path / "settings.toml"
    path.write_text(written, encoding="utf-8")
    assert refused(SIGNER_CONFIG=str(path)).key == key


@pytest.mark.parametrize("raw", [b"link_days = ", b'school_name = "\xff"'])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, raw: bytes) -> None:
    """The file stands in the error, with the reason."""
    path = tmp_path / "signer.toml"
    path.write_bytes(raw)
    error = refused(SIGNER_CONFIG=str(path))
    assert error.key == str(path)
    assert "cannot be read" in error.problem


def test_an_unknown_setting_is_refused_by_name() -> None:
    """A slip of the pen is found at once."""
    error = refused(SIGNER_BASE_ULR="https://school.example")
    assert error.key == "SIGNER_BASE_ULR"
    assert "is not a setting" in error.problem


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SIGNER_DEMO", "perhaps"),
        ("SIGNER_LINK_DAYS", "ninety"),
        ("SIGNER_LINK_DAYS", "-1"),
        ("SIGNER_LINK_DAYS", "0"),
        ("SIGNER_SESSION_HOURS", "19"),
        ("SIGNER_LINK_DAYS", "1.5"),
        ("SIGNER_LINK_DAYS", "٣"),
        ("SIGNER_LINK_DAYS", "10001"),
        ("SIGNER_LINK_DAYS", "9" * 5000),
        ("SIGNER_REMIND_DAYS", "3,soon"),
        ("SIGNER_REMIND_DAYS", "0,3"),
        ("SIGNER_REMIND_DAYS", "7,3"),
        ("SIGNER_REMIND_DAYS", "3,3"),
        ("SIGNER_REMIND_DAYS", "3,367"),
        ("SIGNER_REMIND_DAYS", ","),
        ("SIGNER_HOLIDAYS", "Christmas"),
        ("SIGNER_HOLIDAYS", "2026-12-19...2027-01-04"),
        ("SIGNER_HOLIDAYS", "2027-01-04..2026-12-19"),
        ("SIGNER_HOLIDAYS", "2026-12-19..2072-01-04"),
        ("SIGNER_HOLIDAYS", "2026-02-30"),
        ("SIGNER_BASE_URL", "school.example"),
        ("SIGNER_BASE_URL", "ftp://school.example"),
        ("SIGNER_BASE_URL", "https://"),
        ("SIGNER_BASE_URL", "https://:443"),
        ("SIGNER_BASE_URL", "https://school.example/"),
        ("SIGNER_BASE_URL", "https://school.example/policies"),
        ("SIGNER_BASE_URL", "https://school.example?a=b"),
        ("SIGNER_BASE_URL", "https://school.example#top"),
        ("SIGNER_BASE_URL", "https://user@school.example"),
        ("SIGNER_BASE_URL", "https://school.example:port"),
        ("SIGNER_BASE_URL", "https://[school.example"),
        ("SIGNER_BASE_URL", "https://school example"),
        ("SIGNER_ORIGIN", "signer.school.example"),
        ("SIGNER_ORIGIN", "https://signer.school.example//"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(key: str, value: str) -> None:
    """Whatever was written, the answer is the setting's name and what it must be."""
    error = refused(**{key: value})
    assert error.key == key
    assert error.problem.startswith("must be ")


def test_the_passphrase_may_stand_in_a_file(tmp_path: Path) -> None:
    """Its last line feed is no part of it."""
    path = tmp_path / "passphrase"
    path.write_text("open sesame\n", encoding="utf-8")
    settings = Settings(seal_passphrase="other", seal_passphrase_file=path)
    assert settings.passphrase() == "open sesame"
    assert replace(settings, seal_passphrase_file=None).passphrase() == "other"


@pytest.mark.parametrize("made", ["nothing", "folder", "bytes"])
def test_a_passphrase_file_that_cannot_be_read_is_named(
    tmp_path: Path, made: str
) -> None:
    """Missing, a folder, or not text: the setting's name, and none of its bytes."""
    path = tmp_path / "passphrase"
    if made == "folder":
        path.mkdir()
    if made == "bytes":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        Settings(seal_passphrase_file=path).passphrase()
    assert caught.value.key == "SIGNER_SEAL_PASSPHRASE_FILE"


@pytest.mark.parametrize(
    "contact",
    ["security@school.example", "http://school.example", "mailto: a@b.example"],
)
def test_where_to_report_a_weakness_is_an_address_that_programs_open(
    contact: str,
) -> None:
    """RFC 9116 wants a URI; a page is one of HTTPS."""
    with pytest.raises(SettingsError, match="SIGNER_SECURITY_CONTACT"):
        load({"SIGNER_SECURITY_CONTACT": contact})
    load({"SIGNER_SECURITY_CONTACT": "mailto:security@school.example"})


@pytest.mark.parametrize("phone", ["ask us", "+44<b>20", "1", "020 7946 0000;ext=1"])
def test_a_telephone_number_is_one_that_can_be_dialled(phone: str) -> None:
    """It becomes a link on every page."""
    with pytest.raises(SettingsError, match="SIGNER_OFFICE_PHONE"):
        load({"SIGNER_OFFICE_PHONE": phone})
    settings = load({"SIGNER_OFFICE_PHONE": "+44 (0)20 7946-0000"})
    assert settings.office_tel == "tel:+442079460000"


@pytest.mark.parametrize("address", ["http://code.example", "javascript:x", "https://"])
def test_the_source_is_at_an_address_of_https(address: str) -> None:
    """It becomes a link on every page."""
    with pytest.raises(SettingsError, match="SIGNER_SOURCE_URL"):
        load({"SIGNER_SOURCE_URL": address})


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"": "accounts.example"}, "SIGNER_DESK_OPENID"),
        ({"": "http://accounts.example"}, "SIGNER_DESK_OPENID"),
        ({"": "http://localhost.evil.example"}, "SIGNER_DESK_OPENID"),
        ({"": "https://login.example/common/v2.0"}, "SIGNER_DESK_OPENID"),
        ({"": "https://login.example/organizations/v2.0"}, "SIGNER_DESK_OPENID"),
        ({"": "https://accounts.example"}, "SIGNER_DESK_OPENID_CLIENT"),
        (
            {"": "https://accounts.example", "_CLIENT": "signer"},
            "SIGNER_DESK_OPENID_SECRET",
        ),
    ],
)
def test_a_provider_of_accounts_is_named_whole(given: dict[str, str], key: str) -> None:
    """Over HTTPS, of one organisation, with the client that it knows."""
    with pytest.raises(SettingsError) as refused:
        load({f"SIGNER_DESK_OPENID{name}": value for name, value in given.items()})
    assert refused.value.key == key
