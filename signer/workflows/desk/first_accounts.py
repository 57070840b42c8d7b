"""The accounts of the desk that the settings name, for before there is any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from signer.errors import AccountRefused, SettingsError, TextRefused
from signer.register.addresses import fault_of
from signer.store.desk.roles import DeskRole
from signer.user_text import one_line


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """An account that is to be made.

    Attributes:
        role: what they may do.
        email: as the setting has it.
        name: of the person.
    """

    role: DeskRole
    email: str
    name: str


def read_first_accounts(named: Sequence[str]) -> tuple[FirstAccount, ...]:
    """The accounts that the settings name, each of which can be made.

    Processes read them as they start: what is wrong with one would otherwise come out
    when somebody first asks to sign in, and hold up whatever is asked for after that.

    Args:
        named: each ``role:address``, as the setting has them.

    Raises:
        SettingsError: a role is none, an address cannot be one, or stands there twice.
    """
    found: dict[str, FirstAccount] = {}
    for one in named:
        role, _, address = one.partition(":")
        try:
            email, name = check_account(address, "")
            account = FirstAccount(DeskRole(role), email, name)
        except (AccountRefused, ValueError) as error:
            raise SettingsError(
                "SIGNER_DESK_ACCOUNTS", f"holds what is no account: {error}"
            ) from error
        if email.lower() in found:
            raise SettingsError("SIGNER_DESK_ACCOUNTS", "names an address twice")
        found[email.lower()] = account
    return tuple(found.values())


def check_account(email: str, name: str) -> tuple[str, str]:
    """An address and a name in the form that is kept.

    Args:
        email: as typed.
        name: as typed; the part before the @ where it is empty.

    Raises:
        AccountRefused: one of them cannot be kept.
    """
    email = email.strip()
    if fault := fault_of(email):
        raise AccountRefused("email", fault)
    try:
        return email, one_line("name", name.strip() or email.partition("@")[0])
    except TextRefused as refused:
        raise AccountRefused("name", str(refused)) from refused
