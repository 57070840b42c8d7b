"""Where a key lies in a token, as an operator writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from signer.config import environment, load
from signer.config.token_address import TokenAddress, read_token_address
from signer.errors import SettingsError

WRITTEN = "pkcs11:token=My%20School;object=seal?module-path=/usr/lib/token.so"


def test_an_address_is_read_and_written() -> None:
    """Labels may hold anything, and come back as they were."""
    found = read_token_address(WRITTEN)
    assert found == TokenAddress(Path("/usr/lib/token.so"), "My School", "seal")
    assert str(found) == WRITTEN
    odd = TokenAddress(Path("/a b/ü.so"), "a;b=c?d&e%", "é /")
    assert read_token_address(str(odd)) == odd


@pytest.mark.parametrize(
    "written",
    [
        "",
        "seal.p12",
        "pkcs11:token=a;object=b",
        "pkcs11:token=a?module-path=/m.so",
        "pkcs11:token=a;object=?module-path=/m.so",
        "pkcs11:token=a;object=b?module-path=m.so",
        "pkcs11:token=a;token=c;object=b?module-path=/m.so",
        "pkcs11:token=a;object=b?module-path=/m.so&pin-value=1234",
    ],
)
def test_what_is_no_whole_address_is_refused(written: str) -> None:
    """Nothing is guessed, and no PIN is taken from where it can be seen."""
    assert read_token_address(written) is None


def test_the_setting_says_how_it_is_written() -> None:
    """And does not repeat what stands there, which may hold a PIN."""
    with pytest.raises(SettingsError, match="pkcs11:token=LABEL") as caught:
        load({"SIGNER_SEAL_TOKEN": "pkcs11:token=a?pin-value=1234"})
    assert "1234" not in str(caught.value)


def test_subprocesses_get_the_same_token(tmp_path: Path) -> None:
    """Through the environment, as every setting."""
    module = tmp_path / "token.so"
    module.touch()
    address = TokenAddress(module, "My School", "seal")
    given = load({"SIGNER_SEAL_TOKEN": str(address)})
    assert given.seal_token == address
    assert load(environment(given)) == given


def test_a_library_that_others_may_write_is_refused(tmp_path: Path) -> None:
    """It is loaded into the process."""
    module = tmp_path / "token.so"
    module.touch()
    module.chmod(0o666)
    written = str(TokenAddress(module, "School", "seal"))
    with pytest.raises(SettingsError, match="SIGNER_SEAL_TOKEN"):
        load({"SIGNER_SEAL_TOKEN": written})
