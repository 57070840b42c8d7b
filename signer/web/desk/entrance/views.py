"""The way in, with all its pages."""

from __future__ import annotations

from signer.web.desk.entrance import link, openid, passkey
from signer.web.desk.entrance.room import blueprint

__all__ = ["blueprint", "link", "openid", "passkey"]
