"""Settings keep their secrets, and are handed on to subprocesses whole."""

from __future__ import annotations

import string
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.config import PREFIX, Settings, environment, load
from signer.config.token_address import TokenAddress
from signer.errors import SettingsError
from signer.logs import LogFormat
from signer.school_calendar import Holiday
from tests.config.refusal import SECRET


def test_secrets_are_not_shown() -> None:
    """A log of the settings gives no secret and no passphrase away."""
    settings = Settings(secret_keys=(SECRET,), seal_passphrase="open sesame")
    assert SECRET not in repr(settings)
    assert "open sesame" not in repr(settings)


def test_files_are_looked_for_in_the_instance_unless_named() -> None:
    """Database, seal, certificate and mail have a place of their own."""
    instance = Path("/var/lib/signer")
    found = Settings(instance=instance)
    assert found.database == "sqlite:////var/lib/signer/signer.sqlite3"
    assert found.seal_path == instance / "keys" / "seal.p12"
    assert found.trust_path == instance / "keys" / "ca.pem"
    assert found.crl_path == instance / "keys" / "ca.crl"
    assert found.mail_address == "folder:/var/lib/signer/mail"


# Quotation marks and comments are refused where a loader may have left them.
WORDS = st.text(string.ascii_letters + string.digits + "!%&=é王 <>@.-", min_size=1)


WORD = WORDS.map(str.strip).filter(bool)


PATHS = st.lists(
    st.text(string.ascii_letters + " -é", min_size=1).map(str.strip).filter(bool),
    min_size=1,
    max_size=3,
).map(lambda parts: Path("/", *parts))


LABELS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
"""Of tokens and keys."""

VALUES = {
    str: WORD,
    int: st.integers(20, 10_000),
    bool: st.booleans(),
    LogFormat: st.sampled_from(LogFormat),
    tuple[str, ...]: st.lists(WORD).map(tuple),
    tuple[int, ...]: st.sets(st.integers(1, 366), min_size=1).map(sorted).map(tuple),
    tuple[Holiday, ...]: st.lists(
        st.builds(
            lambda first, days: Holiday(first, first + timedelta(days=days)),
            st.dates(date(2000, 1, 1), date(2999, 1, 1)),
            st.integers(0, 199),
        )
    ).map(tuple),
    Path: PATHS,
    Path | None: st.none() | PATHS,
    TokenAddress | None: st.none() | st.builds(TokenAddress, PATHS, LABELS, LABELS),
}


HINTS = get_type_hints(Settings)


FITTING = {
    "origin": st.sampled_from(["", "https://signer.school.example"]),
    "proxy_secret": st.sampled_from(["", "a secret of the proxy that is long enough"]),
    # An authority for timestamps has conditions of its own.
    "tsa_url": st.just(""),
    "base_url": st.sampled_from(["http://127.0.0.1:8000", "https://school.example"]),
    "office_phone": st.sampled_from(["", "+44 20 7946 0000"]),
    "desk_openid": st.sampled_from(["", "https://accounts.example"]),
    "desk_openid_client": st.just("signer"),
    "desk_openid_secret": st.just("a secret of the client"),
    "desk_accounts": st.sampled_from([(), ("head:a@b.example", "office:c@d.example")]),
    "yearly_mail": st.sampled_from(["", "10-01"]),
    "digest": st.sampled_from(["never", "Friday 15:30"]),
    "build_hook": st.sampled_from(["", "https://host.example/hooks/1"]),
    "source_url": st.sampled_from(["", "https://code.example/school"]),
    "security_contact": st.sampled_from(["", "mailto:security@school.example"]),
}
"""Settings that take some values only."""

ANY_SETTINGS = st.builds(
    Settings,
    **{
        one.name: VALUES[HINTS[one.name]]
        for one in fields(Settings)
        if one.name not in FITTING
    },
    **FITTING,
)


@given(settings=ANY_SETTINGS)
def test_a_subprocess_gets_the_same_settings(settings: Settings) -> None:
    """Every field goes through the environment and comes back as it was."""
    assert load(environment(settings)) == settings


def test_a_subprocess_is_given_every_setting(tmp_path: Path) -> None:
    """No file and no inherited variable has a say, not even where nothing is set."""
    assert set(environment(Settings())) == {
        PREFIX + one.name.upper() for one in fields(Settings)
    } | {"SIGNER_CONFIG"}
    path = tmp_path / "settings.toml"
    path.write_text('head_email = "x@example.org"')
    inherited = {"SIGNER_CONFIG": str(path)}
    assert load(inherited | environment(Settings())) == Settings()


def test_a_timestamp_authority_needs_a_certificate_to_trust() -> None:
    """Nobody's timestamps are believed for want of a setting."""
    url = {"SIGNER_TSA_URL": "https://stamps.example/tsa"}
    with pytest.raises(SettingsError) as caught:
        load(url)
    assert caught.value.key == "SIGNER_TSA_TRUST_FILE"
    found = load({**url, "SIGNER_TSA_TRUST_FILE": "/etc/root.pem"})
    assert found.tsa_trust_file == Path("/etc/root.pem")


def test_a_timestamp_authority_is_asked_over_http() -> None:
    """Another kind of address is refused, naming the setting."""
    with pytest.raises(SettingsError) as caught:
        load({"SIGNER_TSA_URL": "file:///etc/passwd"})
    assert caught.value.key == "SIGNER_TSA_URL"
