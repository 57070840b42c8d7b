"""Coming in to the desk with an account of the school's provider."""

from __future__ import annotations

from collections.abc import Mapping

from signer.errors import AccountUnknown, SignInRefused
from signer.register.addresses import fault_of
from signer.workflows.context import AppContext
from signer.workflows.desk.accounts import account_at, add_first_accounts
from signer.workflows.desk.sessions import Way, begin_session


def sign_in_by_claims(context: AppContext, claims: Mapping[str, object]) -> str:
    """Begin a session for whom a provider names; gives the id that the browser keeps.

    Args:
        context: the context.
        claims: of an ID token that was found good (OpenID Connect Core 1.0 §5.1).

    Raises:
        SignInRefused: the provider names no address, or does not vouch for it
            (``address``), or nobody has an account at it (``account``).
    """
    email = verified_address(claims)
    if email is None:
        raise SignInRefused("address")
    with context.sessions.writing() as session:
        add_first_accounts(session, context.settings.desk_accounts)
        session.flush()
        try:
            account = account_at(session, email)
        except AccountUnknown:
            raise SignInRefused("account", email) from None
        return begin_session(session, account, Way.OPENID)


def verified_address(claims: Mapping[str, object]) -> str | None:
    """The address of whom a provider names; None where it does not vouch for one.

    A provider that says nothing of verification gives its addresses itself, as
    Microsoft Entra does; there the name that somebody signs in with is one too.
    """
    if claims.get("email_verified", True) not in {True, "true"}:
        return None
    for name in ("email", "preferred_username"):
        address = claims.get(name)
        if address and isinstance(address, str) and not fault_of(address):
            return address
    return None
