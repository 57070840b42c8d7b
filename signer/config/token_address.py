"""Where a key lies in a token or an HSM, written as a PKCS#11 address (RFC 7512)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

_SCHEME = "pkcs11:"


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """One key of one token."""

    module: Path
    """The library of the token's maker, which is loaded into the process."""
    token: str
    """The token's label."""
    key: str
    """The label of the key pair in it."""

    def __str__(self) -> str:
        labels = f"token={quote(self.token, safe='')};object={quote(self.key, safe='')}"
        return f"{_SCHEME}{labels}?module-path={quote(str(self.module), safe='/')}"


def read_token_address(text: str) -> TokenAddress | None:
    """What ``pkcs11:token=School;object=seal?module-path=/usr/lib/….so`` names.

    None where it is written otherwise: those three parts must be there, each once, and
    nothing else. A PIN has no place in it.
    """
    if not text.startswith(_SCHEME):
        return None
    path, _, query = text.removeprefix(_SCHEME).partition("?")
    pairs = [one.partition("=") for one in (*path.split(";"), *query.split("&"))]
    found = {name: unquote(value) for name, _, value in pairs}
    if len(pairs) != len(found) or set(found) != {"token", "object", "module-path"}:
        return None
    module = Path(found["module-path"])
    if not all(found.values()) or not module.is_absolute():
        return None
    return TokenAddress(module, found["token"], found["object"])
