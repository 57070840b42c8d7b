"""What lies on this machine: keys, their passphrase, and who may read them."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from signer.config import Settings
from signer.errors import KeyUnusable, SettingsError
from signer.ledger.log_key import LogKey
from signer.workflows.keys.seal_key import load_seal_key
from signer.workflows.operations.doctor.outcomes import (
    Check,
    not_checked,
    ok,
    problem,
    warning,
)

AUTHORITY_KEY = "ca.key.p12"


def check_files(settings: Settings) -> Iterator[Check]:
    """Open the keys with the passphrase, and look at who else could."""
    yield _writable(settings.instance_path)
    try:
        passphrase = settings.passphrase()
    except SettingsError as error:
        yield problem("keys", f"{error.key} {error.problem}.", "Correct that setting.")
        return
    yield _seal_key(settings)
    if settings.log_key_path.exists():
        yield _opens(
            "log's key",
            lambda: LogKey.load(settings.log_key_path, passphrase),
            "Put the file back, with the seal's passphrase.",
        )
    else:
        yield warning(
            "log's key",
            "There is none, so that the public log is not signed.",
            "Make it: signer keys log.",
        )
    yield from _permissions(settings)


def _seal_key(settings: Settings) -> Check:
    about = "seal's key"
    if settings.seal_token is None:
        return _opens(
            about,
            lambda: load_seal_key(settings),
            "Put the file and its passphrase back, or make keys: signer keys init.",
        )
    try:
        load_seal_key(settings).sign(b"a question of signer doctor")
    except (KeyUnusable, SettingsError) as error:
        return problem(
            about,
            f"{error}.",
            "Reach the token with its maker's own tools first; then check "
            "SIGNER_SEAL_TOKEN, SIGNER_SEAL_PIN and the certificate in keys/seal.pem.",
        )
    return ok(about, "The token signs with it, and it is the certificate's.")


def _writable(instance: Path) -> Check:
    about = "instance folder"
    try:
        # A file of its own, which is gone at once: what is there is not touched.
        with tempfile.TemporaryFile(dir=instance) as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return problem(
            about,
            f"It cannot be written ({error.strerror}).",
            "Make it the service user's own, on a disk that is mounted for writing.",
        )
    return ok(about, "It can be written.")


def _opens(about: str, load: Callable[[], object], remedy: str) -> Check:
    try:
        load()
    except KeyUnusable as error:
        return problem(about, f"{error.path} {error.problem}.", remedy)
    return ok(about, "It opens with the passphrase.")


def _permissions(settings: Settings) -> Iterator[Check]:
    about = "who may read the keys"
    files = (settings.seal_passphrase_file, settings.seal_pin_file)
    secret = {settings.log_key_path, *(one for one in files if one)}
    if settings.seal_token is None:
        secret.add(settings.seal_path)
    open_to_others = [path.name for path in sorted(secret) if _others_may_read(path)]
    authority = settings.seal_path.with_name(AUTHORITY_KEY)
    if open_to_others:
        yield problem(
            about,
            f"Other users of this machine may read {', '.join(open_to_others)}.",
            "Take their rights away: chmod 600.",
        )
    if authority.exists():
        yield warning(
            about,
            f"{AUTHORITY_KEY} lies on this machine, and is not needed for running.",
            "Move it to a safe place that is not connected.",
        )
    if not open_to_others and not authority.exists():
        if any(path.exists() for path in secret):
            yield ok(about, "Their owner alone.")
        else:
            yield not_checked(about, "There are none.")


def _others_may_read(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False
