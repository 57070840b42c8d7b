"""Reading the settings: from the environment, and from one file that is named."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

from signer.config.addresses import check_build_hook, public_address
from signer.config.days import check_digest, check_yearly_mail
from signer.config.ownership import (
    check_nobody_else_writes,
    check_nobody_exchanges,
    check_only_its_owner_writes,
)
from signer.config.settings import Settings
from signer.config.token_address import TokenAddress, read_token_address
from signer.errors import SettingsError
from signer.logs import LogFormat
from signer.school_calendar import LONGEST_HOLIDAY, Holiday, read_holiday

PREFIX = "SIGNER_"
CONFIG = PREFIX + "CONFIG"
INSTANCE = PREFIX + "INSTANCE"
CONFIG_FILE = "signer.toml"
"""The file of settings in an instance."""
LARGEST_NUMBER = 10_000
LATEST_REMINDER = 366
DIGITS = len(str(LARGEST_NUMBER))

_COMMENT = re.compile(r"\s#")
_PATHS = frozenset(
    one for one, hint in get_type_hints(Settings).items() if hint in {Path, Path | None}
)
_ANY_WORDS = {PREFIX + "SEAL_PASSPHRASE", PREFIX + "SCHOOL_NAME"}
"""Settings in which such signs may be meant; a wrong passphrase is told as wrong."""


def load(
    environ: Mapping[str, str] | None = None,
    *,
    config: Path | None = None,
    instance: Path | None = None,
) -> Settings:
    """The settings from the environment, and from one file where one is named.

    The file is ``config`` or what ``SIGNER_CONFIG`` names; where neither is given, the
    ``signer.toml`` of an instance that is named, if it has one. The environment wins.
    Nothing is ever looked for in the current folder: what lies there may be a
    stranger's.

    Args:
        environ: the environment; the process's own by default.
        config: a file of settings.
        instance: the instance's folder; it wins over every other word on it.

    Raises:
        SettingsError: a key is unknown or its value unusable, or what decides whom to
            believe may be written by another user.
    """
    environ = os.environ if environ is None else environ
    variables = {k: v for k, v in environ.items() if k.startswith(PREFIX)}
    named = variables.pop(CONFIG, "").strip()
    if instance:
        variables[INSTANCE] = str(instance.absolute())
    folder = variables.get(INSTANCE, "").strip()
    file = None
    if config:
        file = config.absolute()
    elif named:
        file = _whole_path(CONFIG, named)
    elif folder:
        file = _file_of(_whole_path(INSTANCE, folder))
    settings = _settings(({} if file is None else _from_file(file)) | variables)
    _check_nobody_else_writes(settings)
    # A demo runs wherever it was unpacked; no file says of itself that it is one.
    if PREFIX + "DEMO" not in variables or not settings.demo:
        if file is not None:
            check_nobody_exchanges(CONFIG, file)
        if settings.instance:
            check_nobody_exchanges(INSTANCE, settings.instance)
    return settings


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make `load` give these settings again, for a subprocess.

    Each is there, so that no file and no inherited variable has a say.
    """
    given = {CONFIG: ""}
    for one in fields(settings):
        value = getattr(settings, one.name)
        if isinstance(value, tuple):
            value = ",".join(map(str, value))
        given[PREFIX + one.name.upper()] = "" if value is None else str(value)
    return given


def _file_of(instance: Path) -> Path | None:
    """The settings file of an instance, where there is one."""
    check_nobody_else_writes(INSTANCE, instance)
    path = instance / CONFIG_FILE
    return path if path.exists() else None


def _from_file(path: Path) -> dict[str, str]:
    """Read a file of settings; short paths in it count from its own folder."""
    check_nobody_else_writes(CONFIG, path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(path), f"cannot be read: {error}") from error
    given = {}
    for name, value in table.items():
        raw = _as_written(name, value)
        if name in _PATHS and raw.strip():
            raw = str(path.parent / raw.strip())
        given[PREFIX + name.upper()] = raw
    return given


def _whole_path(key: str, raw: str) -> Path:
    path = Path(raw)
    if not path.is_absolute():
        raise SettingsError(
            key,
            "must be a whole path, from the root on: a short one would lead elsewhere "
            "in each folder",
        )
    return path


def _check_nobody_else_writes(settings: Settings) -> None:
    """Refuse an instance, or what to trust, that another user may change."""
    if settings.instance:
        for path in (settings.instance, *_believed(settings.instance)):
            check_nobody_else_writes(INSTANCE, path)
    for name in ("trust_file", "tsa_trust_file", "crl_file"):
        path = getattr(settings, name)
        if path:
            check_nobody_else_writes(PREFIX + name.upper(), path)
            check_nobody_exchanges(PREFIX + name.upper(), path)
    if settings.seal_token:
        for check in (check_nobody_else_writes, check_nobody_exchanges):
            check(PREFIX + "SEAL_TOKEN", settings.seal_token.module)
    versions = settings.versions_dir
    # A short path counts from the current folder, and nothing that judges takes one.
    # The files may be whose the checkout is.
    if versions.is_absolute():
        for path in (versions, *sorted(versions.glob("*.*"))):
            check_only_its_owner_writes(PREFIX + "VERSIONS_DIR", path)


def _believed(instance: Path) -> tuple[Path, ...]:
    """What a verdict rests on in an instance, and what signs in its name."""
    keys = instance / "keys"
    names = ("ca.pem", "ca.crl", "seal.p12", "seal.pem", "log.p12")
    return (keys, *(keys / name for name in names), instance / "signer.sqlite3")


def _as_written(key: str, value: object) -> str:
    """A value of the file as it would stand in the environment."""
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ",".join(map(str, value))
    if isinstance(value, str | bool | int):
        return str(value)
    raise SettingsError(
        PREFIX + key.upper(),
        "in a file must be words, a number, true or false, or a list of those",
    )


def _settings(given: Mapping[str, str]) -> Settings:
    hints = get_type_hints(Settings)
    known = {PREFIX + one.name.upper(): one for one in fields(Settings)}
    values: dict[str, Any] = {}
    for key, raw in given.items():
        if key not in known:
            raise SettingsError(key, "is not a setting; see the operator's guide")
        if raw.strip():
            _check_loaded(key, raw.strip())
            one = known[key]
            least = one.metadata.get("least", 0)
            values[one.name] = _value(key, raw.strip(), hints[one.name], least)
    for name in ("base_url", "origin"):
        if name in values:
            # Many write the slash of the origin, and the site's build takes it.
            raw = values[name].removesuffix("/" if name == "origin" else "")
            values[name] = public_address(PREFIX + name.upper(), raw)
    settings = Settings(**values)
    _check_database(settings)
    _check_timestamps(settings)
    _check_security_contact(settings.security_contact)
    _check_links(settings)
    check_build_hook(settings.build_hook)
    _check_desk_accounts(settings.desk_accounts)
    _check_openid(settings)
    check_digest(settings.digest)
    check_yearly_mail(settings.yearly_mail)
    return settings


def _check_loaded(key: str, value: str) -> None:
    """Refuse what shows that a file of settings was not read as its author meant.

    A shell takes quotation marks and comments away. systemd keeps a comment behind a
    value, and containers keep both; a secret or an address would hold them for good.

    Raises:
        SettingsError: the value has quotation marks around it, or a comment behind it.
    """
    if key in _ANY_WORDS:
        return
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        raise SettingsError(
            key,
            "has quotation marks around it, which what loaded it has kept: write the "
            "value without them",
        )
    if _COMMENT.search(value):
        raise SettingsError(
            key,
            "has a comment behind it, which what loaded it takes for a part of the "
            "value: write the comment on a line of its own",
        )


def _check_database(settings: Settings) -> None:
    kind, _, path = settings.database_url.partition(":///")
    if kind.startswith("sqlite") and path not in {"", ":memory:"}:
        _whole_path("SIGNER_DATABASE_URL", path.partition("?")[0])


def _check_links(settings: Settings) -> None:
    if not re.fullmatch(r"(?:\+?[0-9][0-9 ()-]{4,28}[0-9])?", settings.office_phone):
        raise SettingsError(
            "SIGNER_OFFICE_PHONE",
            "must be a telephone number in digits, such as +44 20 7946 0000",
        )
    if not re.fullmatch(r"(?:https://[^\s/]+\S*)?", settings.source_url):
        raise SettingsError("SIGNER_SOURCE_URL", "must be https://… of a page")


def _check_desk_accounts(accounts: tuple[str, ...]) -> None:
    for one in accounts:
        if not re.fullmatch(r"(?:head|reviewer|office|auditor):[^\s@]+@[^\s@]+", one):
            raise SettingsError(
                "SIGNER_DESK_ACCOUNTS",
                "must be a role and an address each, such as head:ada@school.example; "
                "the roles are head, reviewer, office and auditor",
            )


def _check_openid(settings: Settings) -> None:
    issuer = settings.desk_openid
    if not issuer:
        return
    if not re.fullmatch(
        r"(?:https://|http://(?:localhost|127\.0\.0\.1)(?=[:/]|$))\S+", issuer
    ):
        raise SettingsError("SIGNER_DESK_OPENID", "must be https://… of a provider")
    if re.search(r"/(?:common|organizations|consumers)/", issuer):
        # There, whoever has an organisation gives its people any address.
        raise SettingsError(
            "SIGNER_DESK_OPENID",
            "must name the school's own tenant: the others let everybody in",
        )
    for name in ("client", "secret"):
        if not getattr(settings, f"desk_openid_{name}"):
            raise SettingsError(
                f"SIGNER_DESK_OPENID_{name.upper()}",
                "is missing: the provider gives it with the client",
            )


def _check_security_contact(contact: str) -> None:
    if contact and not re.fullmatch(r"(?:mailto:[^\s@]+@|https://)\S+", contact):
        raise SettingsError(
            "SIGNER_SECURITY_CONTACT",
            "must be mailto: and an address, or https://… of a page",
        )


def _check_timestamps(settings: Settings) -> None:
    if not settings.tsa_url:
        return
    if not settings.tsa_url.startswith(("https://", "http://")):
        raise SettingsError("SIGNER_TSA_URL", "must be http://… or https://…")
    if settings.tsa_trust_file is None:
        raise SettingsError(
            "SIGNER_TSA_TRUST_FILE",
            "is missing: name the certificate (PEM) of the timestamp authority's root, "
            "got from the authority itself",
        )


def _value(key: str, raw: str, hint: object, least: int) -> object:
    if hint is int:
        return _whole_number(key, raw, least)
    if hint is Path:
        return Path(raw)
    if hint == Path | None:
        return _whole_path(key, raw)
    return _READERS[hint](key, raw)


def _is_number(raw: str) -> bool:
    # Measured before it is read: Python refuses numbers of thousands of digits.
    return raw.isascii() and raw.isdigit() and len(raw) <= DIGITS


def _whole_number(key: str, raw: str, least: int) -> int:
    if not _is_number(raw) or not least <= int(raw) <= LARGEST_NUMBER:
        raise SettingsError(
            key, f"must be a whole number from {least} to {LARGEST_NUMBER}"
        )
    return int(raw)


def _words(_key: str, raw: str) -> str:
    return raw


def _switch(key: str, raw: str) -> bool:
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingsError(key, "must be true or false")


def _log_format(key: str, raw: str) -> LogFormat:
    try:
        return LogFormat(raw.lower())
    except ValueError:
        known = " or ".join(LogFormat)
        raise SettingsError(key, f"must be {known}") from None


def _token(key: str, raw: str) -> TokenAddress:
    if address := read_token_address(raw):
        return address
    raise SettingsError(
        key, "must be pkcs11:token=LABEL;object=LABEL?module-path=/whole/path.so"
    )


def _list(_key: str, raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def _days(key: str, raw: str) -> tuple[int, ...]:
    parts = _list(key, raw)
    days = [int(part) for part in parts if _is_number(part)]
    rising = all(before < after for before, after in pairwise([0, *days]))
    if not days or len(days) < len(parts) or not rising or days[-1] > LATEST_REMINDER:
        raise SettingsError(
            key,
            f"must be whole numbers from 1 to {LATEST_REMINDER}, smallest first, with "
            "commas between",
        )
    return tuple(days)


def _holidays(key: str, raw: str) -> tuple[Holiday, ...]:
    holidays = []
    for part in _list(key, raw):
        holiday = read_holiday(part)
        if holiday is None:
            raise SettingsError(
                key,
                "must be days such as 2027-05-03, or holidays of at most "
                f"{LONGEST_HOLIDAY} days such as 2026-12-19..2027-01-04; it holds "
                f"{part!r}",
            )
        holidays.append(holiday)
    return tuple(holidays)


_READERS: dict[object, Callable[[str, str], object]] = {
    str: _words,
    bool: _switch,
    LogFormat: _log_format,
    TokenAddress | None: _token,
    tuple[str, ...]: _list,
    tuple[int, ...]: _days,
    tuple[Holiday, ...]: _holidays,
}
