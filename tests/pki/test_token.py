"""The seal's key in a token: SoftHSM, which is one in a program."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signer.cli import main
from signer.config import environment
from signer.config.token_address import TokenAddress
from signer.declaration.seal.seal import seal
from signer.declaration.verify import Result
from signer.declaration.verify.verify import verify
from signer.errors import KeyUnusable, PinRefused
from signer.pki.certificates import read_certificates
from signer.pki.make_keys import SealKey, make_keys
from signer.pki.token import public_key_in
from tests.conftest import MOMENT, PASSPHRASE, run
from tests.declaration.forgery import RELEASED, typeset_declaration

if TYPE_CHECKING:
    from signer.config import Settings

pytestmark = [
    pytest.mark.tool("softhsm2-util"),
    pytest.mark.usefixtures("frozen"),
]

PIN = "1234"
KINDS = ("rsa", "p256")


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> TokenAddress:
    """A token with a key pair of each kind, labelled as the kind."""
    import pkcs11
    from pkcs11.util.ec import encode_named_curve_parameters

    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    label = "My School"
    run(
        *("softhsm2-util", "--init-token", "--free", "--label", label),
        *("--pin", PIN, "--so-pin", "5678"),
    )
    library = next(Path("/usr/lib").rglob("libsofthsm2.so"))
    module = pkcs11.lib(str(library))
    with module.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
        session.generate_keypair(pkcs11.KeyType.RSA, 3072, store=True, label="rsa")
        curve = session.create_domain_parameters(
            pkcs11.KeyType.EC,
            {
                pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1"),
            },
            local=True,
        )
        curve.generate_keypair(store=True, label="p256")
    return TokenAddress(library, label, "rsa")


@pytest.fixture(params=KINDS)
def address(token: TokenAddress, request: pytest.FixtureRequest) -> TokenAddress:
    return replace(token, key=request.param)


@pytest.fixture
def keys(address: TokenAddress, tmp_path: Path) -> Path:
    """The folder of a school whose seal's key is in the token."""
    folder = tmp_path / "keys"
    make_keys(
        folder,
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=MOMENT,
        seal_key=public_key_in(address, PIN),
    )
    return folder


def held(keys: Path, address: TokenAddress, pin: str = PIN) -> SealKey:
    return SealKey.in_token(keys / "seal.pem", address, pin)


def test_a_seal_made_in_a_token_is_as_good(keys: Path, address: TokenAddress) -> None:
    """Verification takes it, no file holds the key, and its s is the smaller one."""
    key = held(keys, address)
    assert not (keys / "seal.p12").exists()
    for _ in range(3):
        pdf = seal(typeset_declaration(), key, at=MOMENT).pdf
        roots = read_certificates(keys / "ca.pem")
        report = verify(pdf, trust_roots=roots, released=RELEASED)
        assert report.result is Result.GENUINE
        value = key.sign(pdf)
        if address.key == "p256":
            order = ec.SECP256R1().group_order
            assert 2 * decode_dss_signature(value)[1] < order


def test_a_process_that_forked_signs_too(keys: Path, address: TokenAddress) -> None:
    """What its parent had begun with the token does not count in it."""
    key = held(keys, address)
    key.sign(b"before")
    child = os.fork()
    if child == 0:
        try:
            key.sign(b"in the child")
        except BaseException:  # noqa: BLE001 - whatever it is, the parent must hear
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    key.sign(b"after")


def test_a_session_that_ended_is_opened_again(
    keys: Path, address: TokenAddress
) -> None:
    """As when an HSM was started anew."""
    import pkcs11

    key = held(keys, address)
    key.sign(b"before")
    module = pkcs11.lib(str(address.module))
    module.finalize()
    module.initialize()
    assert key.sign(b"after")


def test_a_wrong_pin_is_tried_once(
    keys: Path, address: TokenAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often a worker tries again: a token locks itself after a few."""
    from pyhanko.sign.pkcs11 import open_pkcs11_session

    from signer.pki import token_sessions

    opened = []

    def opening(*given: object, **named: object) -> object:
        opened.append(given)
        return open_pkcs11_session(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(token_sessions, "open_pkcs11_session", opening)
    key = held(keys, address, "4321")
    for _ in range(3):
        with pytest.raises(PinRefused, match="SIGNER_SEAL_PIN"):
            key.sign(b"data")
    assert len(opened) == 1


def test_another_key_than_the_certificates_makes_no_seal(
    keys: Path, address: TokenAddress
) -> None:
    """A seal that nobody could verify is never made."""
    other = KINDS[1 - KINDS.index(address.key)]
    with pytest.raises(KeyUnusable):
        held(keys, replace(address, key=other)).sign(b"data")


@pytest.mark.parametrize(
    "change", [{"token": "Elsewhere"}, {"key": "none"}, {"module": Path("/none.so")}]
)
def test_what_is_not_there_is_named(
    token: TokenAddress, change: dict[str, object]
) -> None:
    """By its address, without the PIN."""
    wrong = replace(token, **change)  # type: ignore[arg-type]
    with pytest.raises(KeyUnusable) as caught:
        public_key_in(wrong, PIN)
    assert caught.value.path == str(wrong)
    assert PIN not in str(caught.value)


def signer(settings: Settings, *arguments: str) -> str:
    done = CliRunner(env=environment(settings)).invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_operator_moves_the_key_into_a_token(
    settings: Settings, token: TokenAddress, tmp_path: Path
) -> None:
    """Its certificate, the former one, the doctor's word and the next list of keys."""
    pin = tmp_path / "pin"
    pin.write_text(PIN + "\n")
    pin.chmod(0o600)
    settings = replace(settings, seal_file=None, log_key_file=None, trust_file=None)
    signer(settings, "keys", "init")
    folder = settings.instance_path / "keys"
    before = json.loads(signer(settings, "keys", "show", "--json"))["items"]
    settings = replace(settings, seal_token=token, seal_pin_file=pin)
    said = signer(settings, "keys", "certify")
    assert f"Nothing seals with {folder / 'seal.p12'} any more: delete it." in said
    (folder / "seal.p12").unlink()
    shown = json.loads(signer(settings, "keys", "show", "--json"))["items"]
    names = {one["role"]: one["sha256"] for one in shown}
    assert names["former seal"] == next(
        one["sha256"] for one in before if one["role"] == "seal"
    )
    found = CliRunner(env=environment(settings)).invoke(main, ["doctor"]).output
    assert "The token signs with it" in found
    assert PIN not in found
    refused = CliRunner(env=environment(settings)).invoke(main, ["keys", "rotate"])
    assert refused.exit_code != 0
    assert "signer keys certify" in refused.output


def test_a_school_may_begin_with_a_token(
    settings: Settings, token: TokenAddress
) -> None:
    """No file holds the seal's key, not for a moment."""
    settings = replace(
        settings,
        seal_file=None,
        log_key_file=None,
        trust_file=None,
        seal_token=token,
        seal_pin=PIN,
    )
    said = signer(settings, "keys", "init")
    assert "its key is in the token" in said
    assert not (settings.instance_path / "keys" / "seal.p12").exists()


def test_without_the_package_it_is_said(
    token: TokenAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An extra that is not installed is no crash."""
    monkeypatch.setitem(sys.modules, "signer.pki.token_sessions", None)
    monkeypatch.delattr("signer.pki.token_sessions", raising=False)
    with pytest.raises(KeyUnusable, match=r"install requirements/hsm\.txt"):
        public_key_in(token, PIN)
