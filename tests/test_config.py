"""Settings are read once, whole, and each mistake in them is named."""

from __future__ import annotations

import os
import shlex
import string
import subprocess
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.config import PREFIX, Settings, environment, load
from signer.errors import SettingsError
from signer.logs import LogFormat
from signer.school_calendar import Holiday

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "a secret of the tests that is long enough to be one"


def refused(tmp_path: Path, **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(environ, tmp_path)
    return caught.value


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    """An empty environment and no file: each field as it is documented."""
    assert load({}, tmp_path) == Settings()


def test_the_environment_is_read_by_type(tmp_path: Path) -> None:
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
        },
        tmp_path,
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


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    """A line without a value in a service's file takes nothing away."""
    blank = {PREFIX + one.name.upper(): " " for one in fields(Settings)}
    assert load(blank, tmp_path) == Settings()


def test_a_file_may_hold_settings_and_the_environment_wins(tmp_path: Path) -> None:
    """``signer.toml`` names them in small letters, without the prefix."""
    (tmp_path / "signer.toml").write_text(
        'school_name = "Hill School"\n'
        "link_days = 30\n"
        "demo = true\n"
        'secret_keys = ["old", "new"]\n'
        "remind_days = [2, 10]\n",
        encoding="utf-8",
    )
    found = load({"SIGNER_LINK_DAYS": "7"}, tmp_path)
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
    (tmp_path / "signer.toml").write_text(written, encoding="utf-8")
    assert refused(tmp_path).key == key


@pytest.mark.parametrize("raw", [b"link_days = ", b'school_name = "\xff"'])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, raw: bytes) -> None:
    """The file stands in the error, with the reason."""
    path = tmp_path / "signer.toml"
    path.write_bytes(raw)
    error = refused(tmp_path)
    assert error.key == str(path)
    assert "cannot be read" in error.problem


def test_an_unknown_setting_is_refused_by_name(tmp_path: Path) -> None:
    """A slip of the pen is found at once."""
    error = refused(tmp_path, SIGNER_BASE_ULR="https://school.example")
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
def test_a_value_that_cannot_be_used_is_named(
    tmp_path: Path, key: str, value: str
) -> None:
    """Whatever was written, the answer is the setting's name and what it must be."""
    error = refused(tmp_path, **{key: value})
    assert error.key == key
    assert error.problem.startswith("must be ")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://Policies.School.example", "https://policies.school.example"),
        ("HTTPS://POLICIES.EXAMPLE:8443", "https://policies.example:8443"),
        ("https://policies.example:443", "https://policies.example"),
        ("http://policies.example:80", "http://policies.example"),
        ("http://policies.example:443", "http://policies.example:443"),
        ("https://policies.example.", "https://policies.example"),
        ("https://schüle.example", "https://xn--schle-mva.example"),
        ("https://SCHÜLE.example:8443", "https://xn--schle-mva.example:8443"),
        ("https://xn--schle-mva.example", "https://xn--schle-mva.example"),
        # Not "strasse.example", which may be a stranger's.
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://[2001:DB8:0::1]", "https://[2001:db8::1]"),
        ("http://signer_web:8000", "http://signer_web:8000"),
    ],
)
@pytest.mark.parametrize("key", ["SIGNER_BASE_URL", "SIGNER_ORIGIN"])
def test_a_host_is_spelt_as_browsers_send_it(
    tmp_path: Path, key: str, written: str, sent: str
) -> None:
    """Capital letters and umlauts would otherwise refuse every visitor."""
    settings = load({key: written}, tmp_path)
    assert getattr(settings, key.removeprefix("SIGNER_").lower()) == sent


@pytest.mark.parametrize(
    "host", ["-x.example", "a..b", "sch\u202eüle.example", "ü" * 64, "a%2fb", "[::x]"]
)
def test_a_host_that_is_no_name_is_refused_by_its_setting(
    tmp_path: Path, host: str
) -> None:
    """Nothing is served under a name that no browser can send."""
    error = refused(tmp_path, SIGNER_BASE_URL=f"https://{host}")
    assert error.key == "SIGNER_BASE_URL"


def test_the_origin_may_end_in_a_slash(tmp_path: Path) -> None:
    """The site's build takes it like that, and one value serves both."""
    settings = load({"SIGNER_ORIGIN": "https://signer.example/"}, tmp_path)
    assert settings.origin == "https://signer.example"


def test_a_short_secret_of_the_proxy_is_refused(tmp_path: Path) -> None:
    """It is as long as the others."""
    assert refused(tmp_path, SIGNER_PROXY_SECRET="x" * 31).key == "SIGNER_PROXY_SECRET"
    settings = load({"SIGNER_PROXY_SECRET": "x" * 32}, tmp_path)
    assert "x" * 32 not in repr(settings)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000", "https://school.example", "https://[::1]:8443"],
)
def test_a_public_address_is_scheme_and_host(tmp_path: Path, address: str) -> None:
    """A port may follow, and nothing else."""
    found = load({"SIGNER_BASE_URL": address}, tmp_path)
    assert found.base_url == address
    assert found.https is address.startswith("https")


@pytest.mark.parametrize(
    ("secrets", "problem"), [((), "is missing"), ((SECRET, "short"), "fewer than 32")]
)
def test_serving_needs_secrets_that_keep_something_secret(
    secrets: tuple[str, ...], problem: str
) -> None:
    """None, or one that is too short among others, is refused by name."""
    with pytest.raises(SettingsError, match=problem) as caught:
        Settings(secret_keys=secrets).require_secrets()
    assert caught.value.key == "SIGNER_SECRET_KEYS"
    assert "short" not in str(caught.value)
    Settings(secret_keys=(SECRET,)).require_secrets()


def test_secrets_are_not_shown() -> None:
    """A log of the settings gives no secret and no passphrase away."""
    settings = Settings(secret_keys=(SECRET,), seal_passphrase="open sesame")
    assert SECRET not in repr(settings)
    assert "open sesame" not in repr(settings)


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
}
HINTS = get_type_hints(Settings)
ANY_SETTINGS = st.builds(
    Settings,
    **{
        one.name: VALUES[HINTS[one.name]]
        for one in fields(Settings)
        if one.name not in {"base_url", "origin", "proxy_secret", "tsa_url"}
    },
    origin=st.sampled_from(["", "https://signer.school.example"]),
    proxy_secret=st.sampled_from(["", "a secret of the proxy that is long enough"]),
    # An authority for timestamps has conditions of its own.
    tsa_url=st.just(""),
    base_url=st.sampled_from(["http://127.0.0.1:8000", "https://school.example"]),
)


@given(settings=ANY_SETTINGS)
def test_a_subprocess_gets_the_same_settings(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every field goes through the environment and comes back as it was."""
    empty = tmp_path_factory.getbasetemp()
    assert load(environment(settings), empty) == settings


def test_a_subprocess_is_given_every_setting(tmp_path: Path) -> None:
    """No file and no inherited variable has a say, not even where nothing is set."""
    assert set(environment(Settings())) == {
        PREFIX + one.name.upper() for one in fields(Settings)
    }
    (tmp_path / "signer.toml").write_text('head_email = "x@example.org"')
    assert load(environment(Settings()), tmp_path) == Settings()


def test_a_timestamp_authority_needs_a_certificate_to_trust() -> None:
    """Nobody's timestamps are believed for want of a setting."""
    url = {"SIGNER_TSA_URL": "https://stamps.example/tsa"}
    with pytest.raises(SettingsError) as caught:
        load(url, Path("/"))
    assert caught.value.key == "SIGNER_TSA_TRUST_FILE"
    found = load({**url, "SIGNER_TSA_TRUST_FILE": "/etc/root.pem"}, Path("/"))
    assert found.tsa_trust_file == Path("/etc/root.pem")


def test_a_timestamp_authority_is_asked_over_http() -> None:
    """Another kind of address is refused, naming the setting."""
    with pytest.raises(SettingsError) as caught:
        load({"SIGNER_TSA_URL": "file:///etc/passwd"}, Path("/"))
    assert caught.value.key == "SIGNER_TSA_URL"


def sample_settings() -> str:
    """The small production set of the operator's guide."""
    guides = Path(__file__).parent.parent / "docs" / "guides"
    guide = guides / "operators" / "installing.md"
    after = guide.read_text(encoding="utf-8").partition("A small production set:")[2]
    return after.partition("```sh\n")[2].partition("```")[0]


def loaded_by_a_shell(path: Path) -> dict[str, str]:
    """What a POSIX shell takes from a file of settings."""
    done = subprocess.run(
        ["/bin/sh", "-euc", 'set -a; . "$1"; set +a; exec env -0', "sh", str(path)],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return dict(line.split("=", 1) for line in done.stdout.split("\0") if line)


def loaded_by_systemd(path: Path) -> dict[str, str]:
    """What systemd takes from it (systemd.exec(5), EnvironmentFile=)."""
    found = {}
    for line in path.read_text(encoding="utf-8").replace("\\\n", "").splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#;" or "=" not in stripped:
            continue
        key, _, value = stripped.partition("=")
        # Quoted as in a shell; outside of quotes a backslash escapes, # does not.
        lexer = shlex.shlex(value.strip(), posix=True)
        lexer.whitespace, lexer.commenters = "", ""
        lexer.whitespace_split = True
        found[key.strip()] = "".join(lexer)
    return found


def loaded_by_a_container(path: Path) -> dict[str, str]:
    """What docker and podman take from it (--env-file): every sign as it is."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(
        line.lstrip().split("=", 1)
        for line in lines
        if line.strip() and not line.lstrip().startswith("#")
    )


LOADERS = [loaded_by_a_shell, loaded_by_systemd, loaded_by_a_container]


@pytest.mark.parametrize("loaded", LOADERS)
def test_the_guides_sample_means_the_same_whoever_loads_it(
    tmp_path: Path, loaded: Callable[[Path], dict[str, str]]
) -> None:
    """A shell, systemd and containers give the settings that the lines say."""
    path = tmp_path / "settings"
    path.write_text(sample_settings(), encoding="utf-8")
    settings = load(loaded(path), tmp_path)
    assert settings == Settings(
        instance=Path("/var/lib/signer"),
        base_url="https://policies.school.example",
        secret_keys=("CHANGE-ME",),
        site_dir=Path("/var/lib/signer/site"),
        seal_passphrase_file=Path("/etc/signer/seal-passphrase"),
        mail_url="smtp://user:password@mail.school.example:587?tls=require",
        mail_from="policies@school.example",
        office_email="office@school.example",
        head_email="head@school.example",
        proxy_hops=1,
    )
    # Whoever leaves it as it stands cannot start with a secret that all the world has.
    with pytest.raises(SettingsError, match="fewer than 32"):
        settings.require_secrets()


def test_what_a_loader_left_in_a_value_is_refused(tmp_path: Path) -> None:
    """The sample of earlier releases, as systemd and containers read it."""
    path = tmp_path / "settings"
    path.write_text(
        f"SIGNER_SECRET_KEYS={SECRET}     # at least 32 random characters\n"
    )
    for loaded in (loaded_by_systemd, loaded_by_a_container):
        error = refused(tmp_path, **loaded(path))
        assert error.key == "SIGNER_SECRET_KEYS"
        assert "comment" in error.problem
        assert SECRET not in str(error)
    path.write_text('SIGNER_MAIL_FROM="School <policies@school.example>"\n')
    assert load(loaded_by_systemd(path), tmp_path).mail_from.startswith("School <")
    error = refused(tmp_path, **loaded_by_a_container(path))
    assert error.key == "SIGNER_MAIL_FROM"
    assert "quotation marks" in error.problem


def test_a_passphrase_may_hold_any_sign(tmp_path: Path) -> None:
    """One that was chosen before this was looked at goes on opening the keys."""
    for words in ("'quoted'", "four words #4"):
        assert (
            load({"SIGNER_SEAL_PASSPHRASE": words}, tmp_path).seal_passphrase == words
        )
